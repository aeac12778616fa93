import { bytesPerElement } from "../checkpoint/dtype.ts";
import {
  type MeasureOperation,
  type MergeOperation,
  type MergeResult,
  type Operand,
  operandAlignment,
  type Slot,
} from "../engine/backend.ts";
import { checkMeasureOperations, checkOperations, type SlotSize } from "../engine/check-operations.ts";
import type { TensorSums } from "../statistics/tensor-sums.ts";
import type { DeviceGuard } from "./device-guard.ts";
import { inErrorScopes } from "./error-scopes.ts";
import {
  deferredHeaderBytes,
  deferredTilesBytes,
  type MeasureBinding,
  type MeasureDispatch,
  type MeasureKernel,
} from "./measure-kernel.ts";
import { sumPartials } from "./measure-partials.ts";
import { largestPartialsBytes, layOutMeasures, type MeasureLayout, packMeasureOperations } from "./measure-table.ts";
import { type Dispatch, type MergeKernel, recordDispatches } from "./merge-kernel.ts";
import { counterBytes, operationBytes, packOperations } from "./operation-table.ts";

export interface SlotContext {
  readonly device: GPUDevice;
  readonly guard: DeviceGuard;
  readonly kernel: MergeKernel;
  readonly measureKernel: MeasureKernel;
  readonly size: SlotSize;
  /** What the kernels leave to the careful ones. Shared by all slots: the queue runs one submission after another. */
  readonly deferred: GPUBuffer;
}

/** Bytes of a slot's input that are used. */
interface InputExtent {
  readonly start: number;
  readonly end: number;
}

/** One round on the device. */
interface Round {
  readonly doing: string;
  readonly operations: Uint32Array<ArrayBuffer>;
  readonly input: InputExtent;
  /** What `copyBack` copies to the start of the readback. */
  readonly readbackBytes: number;
  record(encoder: GPUCommandEncoder): void;
  copyBack(encoder: GPUCommandEncoder): void;
}

type SlotState = "idle" | "prepared" | "running";

/**
 * One place of the ring on a GPU: staging (mapped for writing) → input → kernels → output → readback (mapped for reading).
 * A merge's counters lie in the readback right behind the output's used bytes. Measuring has its partial sums in the output.
 */
export class GpuSlot implements Slot {
  /** For a trace: called with each readback when the kernels before it have ended. Then it is submitted by itself. */
  onReadback: ((done: Promise<unknown>) => void) | null = null;
  readonly #context: SlotContext;
  readonly #staging: GPUBuffer;
  readonly #input: GPUBuffer;
  readonly #output: GPUBuffer;
  readonly #readback: GPUBuffer;
  readonly #outputBytes: number;
  readonly #operations: GPUBuffer;
  readonly #counters: GPUBuffer;
  readonly #mergeBinding: GPUBindGroup;
  readonly #measureBinding: MeasureBinding;
  #state: SlotState = "idle";
  #stagingMapped: Promise<void> = Promise.resolve();
  /** A buffer's mapped range can be had only once per mapping. */
  #mappedStaging: Uint8Array | null = null;
  #isReadbackMapped = false;

  /** To be called inside error scopes. */
  constructor(context: SlotContext) {
    this.#context = context;
    const { device, kernel, measureKernel, deferred } = context;
    const { inputBytes, operationCount } = context.size;
    const { MAP_WRITE, MAP_READ, COPY_SRC, COPY_DST, STORAGE, UNIFORM } = GPUBufferUsage;
    const buffer = (label: string, size: number, usage: number, mappedAtCreation = false) =>
      device.createBuffer({ label, size, usage, mappedAtCreation });
    this.#outputBytes = Math.max(
      context.size.outputBytes,
      largestPartialsBytes(context.size, measureKernel.tileElements),
    );
    this.#staging = buffer("staging", inputBytes, MAP_WRITE | COPY_SRC, true);
    this.#input = buffer("input", inputBytes, STORAGE | COPY_DST);
    this.#output = buffer("output", this.#outputBytes, STORAGE | COPY_SRC);
    this.#readback = buffer("readback", this.#outputBytes + operationCount * counterBytes, MAP_READ | COPY_DST);
    this.#operations = buffer("operations", operationCount * operationBytes, UNIFORM | STORAGE | COPY_DST);
    this.#counters = buffer("counters", operationCount * counterBytes, STORAGE | COPY_SRC | COPY_DST);
    const [input, output, operations] = [this.#input, this.#output, this.#operations];
    this.#mergeBinding = kernel.bind({ input, output, deferredGroups: deferred, counters: this.#counters, operations });
    this.#measureBinding = measureKernel.bind({ input, partials: output, deferredTiles: deferred, operations });
  }

  async prepare(): Promise<Uint8Array> {
    if (this.#state === "running") throw new Error("prepare() while the slot runs");
    if (this.#isReadbackMapped) this.#readback.unmap();
    this.#isReadbackMapped = false;
    await this.#context.guard.wait("mapping the staging buffer", this.#stagingMapped);
    this.#state = "prepared";
    this.#mappedStaging ??= new Uint8Array(this.#staging.getMappedRange());
    return this.#mappedStaging;
  }

  merge(operations: readonly MergeOperation[]): Promise<MergeResult> {
    const check = () => checkOperations(operations, this.#context.size);
    return this.#whileRunning("merge", check, async () => {
      const dispatches = await this.#context.guard.wait("compiling", this.#context.kernel.prepare(operations));
      return await this.#merge(operations, dispatches);
    });
  }

  measure(operations: readonly MeasureOperation[]): Promise<readonly TensorSums[]> {
    const { measureKernel, guard, size } = this.#context;
    const layout = layOutMeasures(operations, measureKernel.tileElements);
    const check = () => {
      checkMeasureOperations(operations, size);
      this.#checkRoom(layout);
    };
    return this.#whileRunning("measure", check, async () => {
      const dispatches = await guard.wait("compiling", measureKernel.prepare(operations, layout));
      return await this.#measure(operations, layout, dispatches);
    });
  }

  destroy(): void {
    for (const buffer of [this.#staging, this.#input, this.#output, this.#readback, this.#operations, this.#counters]) {
      buffer.destroy();
    }
  }

  /** There is room unless operations read the same bytes over and over. */
  #checkRoom({ wordCount, tileCount }: MeasureLayout): void {
    if (4 * wordCount <= this.#outputBytes && deferredTilesBytes(tileCount) <= this.#context.deferred.size) return;
    throw new RangeError(
      `${4 * wordCount} bytes of partial sums in ${tileCount} tiles; a slot takes ${this.#outputBytes}`,
    );
  }

  /** What `check` refuses leaves the slot as it was prepared. */
  async #whileRunning<Result>(name: string, check: () => void, work: () => Promise<Result>): Promise<Result> {
    if (this.#state !== "prepared") throw new Error(`${name}() before prepare()`);
    check();
    this.#state = "running";
    try {
      return await work();
    } finally {
      this.#state = "idle";
    }
  }

  async #merge(operations: readonly MergeOperation[], dispatches: readonly Dispatch[]): Promise<MergeResult> {
    const outputEnd = Math.max(0, ...operations.map(({ output, elementCount }) => endOf(output, elementCount)));
    const counterEnd = operations.length * counterBytes;
    const bytes = await this.#run({
      doing: "merging",
      operations: packOperations(operations),
      input: extentOf(operations),
      readbackBytes: outputEnd + counterEnd,
      record: (encoder) => {
        encoder.clearBuffer(this.#counters);
        const pass = encoder.beginComputePass();
        recordDispatches(pass, this.#mergeBinding, dispatches);
        pass.end();
      },
      copyBack: (encoder) => {
        if (outputEnd > 0) encoder.copyBufferToBuffer(this.#output, 0, this.#readback, 0, outputEnd);
        if (counterEnd > 0) encoder.copyBufferToBuffer(this.#counters, 0, this.#readback, outputEnd, counterEnd);
      },
    });
    const counters = new Uint32Array(bytes, outputEnd, counterEnd / 4);
    return {
      borrowedOutput: new Uint8Array(bytes, 0, outputEnd),
      newNonFinite: operations.map((_, index) => counters[2 * index + 1] ?? 0),
    };
  }

  async #measure(
    operations: readonly MeasureOperation[],
    { extents, wordCount }: MeasureLayout,
    dispatches: readonly MeasureDispatch[],
  ): Promise<readonly TensorSums[]> {
    const { measureKernel, deferred } = this.#context;
    const bytes = await this.#run({
      doing: "measuring",
      operations: packMeasureOperations(operations, extents),
      input: extentOf(operations),
      readbackBytes: 4 * wordCount,
      record: (encoder) => {
        encoder.clearBuffer(deferred, 0, deferredHeaderBytes);
        const pass = encoder.beginComputePass();
        measureKernel.record(pass, this.#measureBinding, dispatches);
        pass.end();
      },
      copyBack: (encoder) => {
        if (wordCount > 0) encoder.copyBufferToBuffer(this.#output, 0, this.#readback, 0, 4 * wordCount);
      },
    });
    const words = new Uint32Array(bytes, 0, wordCount);
    return operations.map((operation, index) => {
      const extent = extents[index];
      if (extent === undefined) throw new RangeError(`no extent ${index}`);
      return sumPartials(operation, extent, words, measureKernel.tileElements);
    });
  }

  /** Resolves when what is recorded so far has run. */
  #submitAndTell(encoder: GPUCommandEncoder): Promise<void> {
    const { queue } = this.#context.device;
    queue.submit([encoder.finish()]);
    return queue.onSubmittedWorkDone().catch(() => undefined);
  }

  /** Input to the device, what the round records, and its readback, mapped. */
  async #run({ doing, operations, input, readbackBytes, record, copyBack }: Round): Promise<ArrayBuffer> {
    const { device, guard } = this.#context;
    // A mapping cannot be empty.
    const mappedBytes = Math.max(readbackBytes, counterBytes);
    this.#mappedStaging = null;
    this.#staging.unmap();
    const { value: mapped, failure } = inErrorScopes(device, doing, () => {
      device.queue.writeBuffer(this.#operations, 0, operations);
      let encoder = device.createCommandEncoder();
      const byteLength = input.end - input.start;
      if (byteLength > 0) {
        encoder.copyBufferToBuffer(this.#staging, input.start, this.#input, input.start, byteLength);
      }
      record(encoder);
      const computed = this.onReadback === null ? null : this.#submitAndTell(encoder);
      if (computed !== null) encoder = device.createCommandEncoder();
      copyBack(encoder);
      device.queue.submit([encoder.finish()]);
      this.#stagingMapped = this.#staging.mapAsync(GPUMapMode.WRITE);
      // Looked at in prepare(); should that never be called again, nobody needs to know.
      this.#stagingMapped.catch(() => {});
      const readable = this.#readback.mapAsync(GPUMapMode.READ, 0, mappedBytes);
      void computed?.then(() => this.onReadback?.(readable));
      return readable;
    });
    const [refused] = await guard.wait(doing, Promise.all([failure, mapped]));
    this.#isReadbackMapped = true;
    if (refused !== null) throw refused;
    return this.#readback.getMappedRange(0, mappedBytes);
  }
}

function extentOf(operations: readonly (MergeOperation | MeasureOperation)[]): InputExtent {
  let start = Number.POSITIVE_INFINITY;
  let end = 0;
  for (const { elementCount, target, vectors } of operations) {
    if (elementCount === 0) continue;
    const operands = vectors.flatMap(({ chat, base }) => [chat, base]);
    for (const operand of target === null ? operands : [target, ...operands]) {
      start = Math.min(start, operand.byteOffset);
      end = Math.max(end, endOf(operand, elementCount));
    }
  }
  return { start: Math.min(start, end), end };
}

/** 0 for no elements: they are nowhere. */
function endOf({ dtype, byteOffset }: Operand, elementCount: number): number {
  if (elementCount === 0) return 0;
  const byteLength = elementCount * bytesPerElement(dtype);
  return byteOffset + Math.ceil(byteLength / operandAlignment) * operandAlignment;
}
