import { bytesPerElement } from "../checkpoint/dtype.ts";
import { type MergeOperation, type MergeResult, type Operand, operandAlignment, type Slot } from "../engine/backend.ts";
import { checkOperations, type SlotSize } from "../engine/check-operations.ts";
import type { DeviceGuard } from "./device-guard.ts";
import { inErrorScopes } from "./error-scopes.ts";
import { type Dispatch, type MergeKernel, recordDispatches } from "./merge-kernel.ts";
import { counterBytes, operationBytes, packOperations } from "./operation-table.ts";

export interface SlotContext {
  readonly device: GPUDevice;
  readonly guard: DeviceGuard;
  readonly kernel: MergeKernel;
  readonly size: SlotSize;
  /** Shared by all slots: the queue runs one submission after another. */
  readonly deferredGroups: GPUBuffer;
}

/** Bytes of a slot's input that are used, and of its output. */
interface Extent {
  readonly inputStart: number;
  readonly inputEnd: number;
  readonly outputEnd: number;
}

type SlotState = "idle" | "prepared" | "merging";

/**
 * One place of the ring on a GPU: staging (mapped for writing) → input → kernels → output → readback (mapped for reading).
 * The counters lie in the readback right behind the output's used bytes.
 */
export class GpuSlot implements Slot {
  readonly #context: SlotContext;
  readonly #staging: GPUBuffer;
  readonly #input: GPUBuffer;
  readonly #output: GPUBuffer;
  readonly #readback: GPUBuffer;
  readonly #operations: GPUBuffer;
  readonly #counters: GPUBuffer;
  readonly #bindGroup: GPUBindGroup;
  #state: SlotState = "idle";
  #stagingMapped: Promise<void> = Promise.resolve();
  /** A buffer's mapped range can be had only once per mapping. */
  #mappedStaging: Uint8Array | null = null;
  #isReadbackMapped = false;

  /** To be called inside error scopes. */
  constructor(context: SlotContext) {
    this.#context = context;
    const { device, kernel, deferredGroups } = context;
    const { inputBytes, outputBytes, operationCount } = context.size;
    const { MAP_WRITE, MAP_READ, COPY_SRC, COPY_DST, STORAGE, UNIFORM } = GPUBufferUsage;
    const buffer = (label: string, size: number, usage: number, mappedAtCreation = false) =>
      device.createBuffer({ label, size, usage, mappedAtCreation });
    this.#staging = buffer("staging", inputBytes, MAP_WRITE | COPY_SRC, true);
    this.#input = buffer("input", inputBytes, STORAGE | COPY_DST);
    this.#output = buffer("output", outputBytes, STORAGE | COPY_SRC);
    this.#readback = buffer("readback", outputBytes + operationCount * counterBytes, MAP_READ | COPY_DST);
    this.#operations = buffer("operations", operationCount * operationBytes, UNIFORM | COPY_DST);
    this.#counters = buffer("counters", operationCount * counterBytes, STORAGE | COPY_SRC | COPY_DST);
    this.#bindGroup = kernel.bind({
      input: this.#input,
      output: this.#output,
      deferredGroups,
      counters: this.#counters,
      operations: this.#operations,
    });
  }

  async prepare(): Promise<Uint8Array> {
    if (this.#state === "merging") throw new Error("prepare() while merging");
    if (this.#isReadbackMapped) this.#readback.unmap();
    this.#isReadbackMapped = false;
    await this.#context.guard.wait("mapping the staging buffer", this.#stagingMapped);
    this.#state = "prepared";
    this.#mappedStaging ??= new Uint8Array(this.#staging.getMappedRange());
    return this.#mappedStaging;
  }

  async merge(operations: readonly MergeOperation[]): Promise<MergeResult> {
    if (this.#state !== "prepared") throw new Error("merge() before prepare()");
    checkOperations(operations, this.#context.size);
    this.#state = "merging";
    try {
      const dispatches = await this.#context.guard.wait("compiling", this.#context.kernel.prepare(operations));
      return await this.#execute(operations, dispatches);
    } finally {
      this.#state = "idle";
    }
  }

  destroy(): void {
    for (const buffer of [this.#staging, this.#input, this.#output, this.#readback, this.#operations, this.#counters]) {
      buffer.destroy();
    }
  }

  async #execute(operations: readonly MergeOperation[], dispatches: readonly Dispatch[]): Promise<MergeResult> {
    const { device, guard } = this.#context;
    const extent = extentOf(operations);
    const readbackBytes = extent.outputEnd + operations.length * counterBytes;
    this.#mappedStaging = null;
    this.#staging.unmap();
    const { value: mapped, failure } = inErrorScopes(device, "merging", () => {
      device.queue.writeBuffer(this.#operations, 0, packOperations(operations));
      device.queue.submit([this.#record(extent, operations.length, dispatches)]);
      this.#stagingMapped = this.#staging.mapAsync(GPUMapMode.WRITE);
      // Looked at in prepare(); should that never be called again, nobody needs to know.
      this.#stagingMapped.catch(() => {});
      return this.#readback.mapAsync(GPUMapMode.READ, 0, Math.max(readbackBytes, counterBytes));
    });
    const [refused] = await guard.wait("merging", Promise.all([failure, mapped]));
    this.#isReadbackMapped = true;
    if (refused !== null) throw refused;
    const bytes = this.#readback.getMappedRange(0, Math.max(readbackBytes, counterBytes));
    const counters = new Uint32Array(bytes, extent.outputEnd, (operations.length * counterBytes) / 4);
    return {
      borrowedOutput: new Uint8Array(bytes, 0, extent.outputEnd),
      newNonFinite: operations.map((_, index) => counters[2 * index + 1] ?? 0),
    };
  }

  #record(
    { inputStart, inputEnd, outputEnd }: Extent,
    operationCount: number,
    dispatches: readonly Dispatch[],
  ): GPUCommandBuffer {
    const encoder = this.#context.device.createCommandEncoder();
    const byteLength = inputEnd - inputStart;
    if (byteLength > 0) {
      encoder.copyBufferToBuffer(this.#staging, inputStart, this.#input, inputStart, byteLength);
    }
    encoder.clearBuffer(this.#counters);
    const pass = encoder.beginComputePass();
    recordDispatches(pass, this.#bindGroup, dispatches);
    pass.end();
    if (outputEnd > 0) encoder.copyBufferToBuffer(this.#output, 0, this.#readback, 0, outputEnd);
    if (operationCount > 0) {
      encoder.copyBufferToBuffer(this.#counters, 0, this.#readback, outputEnd, operationCount * counterBytes);
    }
    return encoder.finish();
  }
}

function extentOf(operations: readonly MergeOperation[]): Extent {
  let inputStart = Number.POSITIVE_INFINITY;
  let inputEnd = 0;
  let outputEnd = 0;
  for (const { elementCount, target, vectors, output } of operations) {
    if (elementCount === 0) continue;
    for (const operand of [target, ...vectors.flatMap(({ chat, base }) => [chat, base])]) {
      inputStart = Math.min(inputStart, operand.byteOffset);
      inputEnd = Math.max(inputEnd, endOf(operand, elementCount));
    }
    outputEnd = Math.max(outputEnd, endOf(output, elementCount));
  }
  return { inputStart: Math.min(inputStart, inputEnd), inputEnd, outputEnd };
}

function endOf({ dtype, byteOffset }: Operand, elementCount: number): number {
  const byteLength = elementCount * bytesPerElement(dtype);
  return byteOffset + Math.ceil(byteLength / operandAlignment) * operandAlignment;
}
