import { StudioError } from "../errors.ts";

/**
 * Runs `work` (synchronous calls on the device) inside validation and out-of-memory scopes. `failure` resolves to what went
 * wrong, or to null; await it before the outcome is used.
 */
export function inErrorScopes<Value>(
  device: GPUDevice,
  doing: string,
  work: () => Value,
): { readonly value: Value; readonly failure: Promise<StudioError | null> } {
  device.pushErrorScope("out-of-memory");
  device.pushErrorScope("validation");
  let popped: Promise<(GPUError | null)[]> | undefined;
  try {
    const value = work();
    popped = Promise.all([device.popErrorScope(), device.popErrorScope()]);
    return { value, failure: popped.then(([invalid, outOfMemory]) => asFailure(doing, invalid, outOfMemory)) };
  } finally {
    // A throw in `work` must leave the scopes as they were.
    if (popped === undefined) for (let scope = 0; scope < 2; scope++) device.popErrorScope().catch(() => {});
  }
}

function asFailure(
  doing: string,
  invalid: GPUError | null | undefined,
  outOfMemory: GPUError | null | undefined,
): StudioError | null {
  if (outOfMemory) {
    return new StudioError({
      code: "device-failed",
      what: "The compute device has not enough memory",
      where: doing,
      actual: outOfMemory.message,
      advice: "Close programs that use the GPU, or merge on the CPU",
    });
  }
  if (!invalid) return null;
  return new StudioError({
    code: "device-failed",
    what: "The compute device refused a command",
    where: doing,
    actual: invalid.message,
  });
}
