import type { Backend } from "../../src-core/engine/backend.ts";
import { requestComputeDevice } from "../../src-core/gpu/device.ts";
import { createGpuBackend } from "../../src-core/gpu/gpu-backend.ts";
import { slotCount, slotInputBytes, slotOperationCount, slotOutputBytes } from "../../src-core/limits.ts";

/** The backend that this machine's WebGPU gives, with the ring that limits.ts fixes. */
export async function createBackend(): Promise<{ backend: Backend; fallback: boolean }> {
  const { device, info, maximumWorkgroups } = await requestComputeDevice(navigator.gpu);
  const backend = await createGpuBackend({
    device,
    adapter: info.name,
    maximumWorkgroups,
    slotCount,
    inputBytes: slotInputBytes,
    outputBytes: slotOutputBytes,
    operationCount: slotOperationCount,
  });
  return { backend, fallback: info.isFallback };
}
