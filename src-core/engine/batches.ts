import { bytesPerElement, type MergeableDtype } from "../checkpoint/dtype.ts";
import type { MergePlan, PlannedTensor, TensorLocation } from "../plan/merge-plan.ts";
import { type MergeOperation, operandAlignment } from "./backend.ts";
import type { BatchWrite } from "./batch-write.ts";
import { alignedBytes, type BatchRead, decodingOf, InputPacker, type SlotRange, wholeChunks } from "./input-packer.ts";
import { outputOrder } from "./output-order.ts";
import { isPrecise, type PreciseBatch, preciseBatchesOf } from "./precise.ts";
import { pairAt, type SpanInputs } from "./span-inputs.ts";
import { type KeptElements, type Stretch, stretchesOf } from "./stretches.ts";

/** What one slot does in one round. */
export type Batch = MergeBatch | CopyBatch | PreciseBatch;

export interface MergeBatch {
  readonly kind: "merge";
  readonly reads: readonly BatchRead[];
  /** Places in the slot's input where zeros must stand. */
  readonly zeros: readonly SlotRange[];
  /** Kept bytes that go over the result; `slotByteOffset` is theirs in it. */
  readonly keptReads: readonly BatchRead[];
  readonly operations: readonly MergeOperation[];
  /** One for each operation. */
  readonly writes: readonly BatchWrite[];
  /** The tensor of each operation, as an index into the plan's tensors. */
  readonly tensors: readonly number[];
}

/** The target's bytes as they are, past the backend. */
export interface CopyBatch {
  readonly kind: "copy";
  readonly read: BatchRead;
  readonly write: BatchWrite;
}

export interface BatchLimits {
  readonly inputBytes: number;
  readonly outputBytes: number;
  readonly operationCount: number;
  /** Of one copy. */
  readonly copyBytes: number;
}

/**
 * Cuts the plan into rounds of a slot, in the order of the output: large tensors into chunks, small ones packed together. What is copied goes past a
 * pack that is not full yet, by `outputBytes` at most: whoever follows what is written never has to wait for longer than that.
 * The same plan and limits give the same batches.
 */
export function* batchesOf(plan: MergePlan, limits: BatchLimits): Generator<Batch, void, undefined> {
  let packer = new Packer(limits);
  let passedBytes = 0;
  for (const index of outputOrder(plan)) {
    const tensor = plan.tensors[index];
    if (tensor === undefined) continue;
    for (const stretch of stretchesOf(tensor)) {
      if (stretch.inputs === null || isPrecise(stretch.inputs)) {
        passedBytes += (stretch.elementCount * tensor.output.byteLength) / Math.max(1, tensor.elementCount);
        if (passedBytes > limits.outputBytes && !packer.isEmpty) {
          yield packer.finish();
          packer = new Packer(limits);
        }
      }
      if (packer.isEmpty) passedBytes = 0;
      if (stretch.inputs === null) {
        yield* copiesOf(tensor, stretch, limits);
        continue;
      }
      if (isPrecise(stretch.inputs)) {
        yield* preciseBatchesOf(index, tensor, stretch, stretch.inputs);
        continue;
      }
      let done = 0;
      while (done < stretch.elementCount) {
        const taken = packer.take(index, tensor, stretch, stretch.inputs, done);
        done += taken;
        if (done < stretch.elementCount || packer.isFull) {
          yield packer.finish();
          packer = new Packer(limits);
        }
      }
    }
  }
  if (!packer.isEmpty) yield packer.finish();
}

function* copiesOf(tensor: PlannedTensor, { elementOffset, elementCount, kept }: Stretch, limits: BatchLimits) {
  const [copied] = kept;
  if (elementCount === 0 || copied === undefined) return;
  const width = tensor.output.byteLength / tensor.elementCount;
  const { location } = copied.from;
  // Whole elements where there are such: of 4-bit ones two share a byte, and a span of them is a whole tensor.
  const chunkBytes = Number.isInteger(width) ? limits.copyBytes - (limits.copyBytes % width) : limits.copyBytes;
  const byteCount = elementCount * width;
  for (let at = 0; at < byteCount; at += chunkBytes) {
    const byteLength = Math.min(chunkBytes, byteCount - at);
    const start = copied.from.elementOffset * width + at;
    const byteOffset = tensor.output.byteOffset + elementOffset * width + at;
    const copy: CopyBatch = {
      kind: "copy",
      read: copyRead(location, start, byteLength, width),
      write: { file: tensor.output.file, byteOffset, byteLength, slotByteOffset: 0 },
    };
    yield copy;
  }
}

/** Bytes of a tensor as they are, from the tensor's byte `start` on. */
function copyRead(location: TensorLocation, start: number, byteLength: number, width: number): BatchRead {
  const { source, file, byteOffset, view } = location;
  const place = { source, file, byteLength, slotByteOffset: 0, ...decodingOf(location) };
  if (view === undefined) return { ...place, byteOffset: byteOffset + start };
  const gathered = {
    view,
    byteOffset,
    elementByteLength: width,
    elementStart: start / width,
    elementCount: byteLength / width,
  };
  return { ...place, byteOffset, view: gathered };
}

class Packer {
  readonly #limits: BatchLimits;
  readonly #inputs: InputPacker;
  readonly #operations: MergeOperation[] = [];
  readonly #writes: BatchWrite[] = [];
  readonly #tensors: number[] = [];
  readonly #keptReads: BatchRead[] = [];
  #outputFilled = 0;

  constructor(limits: BatchLimits) {
    this.#limits = limits;
    this.#inputs = new InputPacker(limits.inputBytes);
  }

  get isEmpty(): boolean {
    return this.#operations.length === 0;
  }

  /** So full that starting another tensor here would cut it into needlessly small chunks. */
  get isFull(): boolean {
    const { outputBytes, operationCount } = this.#limits;
    const fillRatio = Math.max(this.#inputs.fillRatio, this.#outputFilled / outputBytes);
    return this.#operations.length >= operationCount || fillRatio > 0.875;
  }

  /** Adds as many of the stretch's elements from `start` on as fit; returns how many. */
  take(index: number, tensor: PlannedTensor, stretch: Stretch, inputs: SpanInputs, start: number): number {
    const outputDtype = tensor.output.dtype as MergeableDtype;
    const outputWidth = bytesPerElement(outputDtype);
    const outputCapacity = wholeChunks(
      (this.#limits.outputBytes - this.#outputFilled - operandAlignment) / outputWidth,
    );
    const count = Math.min(stretch.elementCount - start, this.#inputs.capacity(inputs), outputCapacity);
    if (count === 0 || this.#operations.length >= this.#limits.operationCount) return 0;
    const [target, ...others] = this.#inputs.add(inputs, start, count);
    if (target === undefined) throw new Error("a stretch without its target");
    this.#operations.push({
      elementCount: count,
      target,
      vectors: stretch.scales.map((scale, index) => ({ scale, ...pairAt(others, index) })),
      output: { dtype: outputDtype, byteOffset: this.#outputFilled },
    });
    const first = stretch.elementOffset + start;
    this.#writes.push({
      file: tensor.output.file,
      byteOffset: tensor.output.byteOffset + first * outputWidth,
      byteLength: count * outputWidth,
      slotByteOffset: this.#outputFilled,
    });
    for (const kept of keptWithin(stretch.kept, first, count)) this.#keep(kept, first, outputWidth);
    this.#outputFilled += alignedBytes(count * outputWidth);
    this.#tensors.push(index);
    return count;
  }

  finish(): MergeBatch {
    return {
      kind: "merge",
      reads: this.#inputs.reads,
      zeros: this.#inputs.zeros,
      keptReads: this.#keptReads,
      operations: this.#operations,
      writes: this.#writes,
      tensors: this.#tensors,
    };
  }

  #keep({ elementOffset, elementCount, from }: KeptElements, first: number, width: number): void {
    const { source, file, byteOffset } = from.location;
    this.#keptReads.push({
      source,
      file,
      byteOffset: byteOffset + from.elementOffset * width,
      byteLength: elementCount * width,
      slotByteOffset: this.#outputFilled + (elementOffset - first) * width,
      ...decodingOf(from.location),
    });
  }
}

/** What of the kept elements lies within `count` of the tensor's elements from `first` on. */
function* keptWithin(kept: readonly KeptElements[], first: number, count: number): Generator<KeptElements> {
  const end = first + count;
  for (let at = firstEndingAfter(kept, first); at < kept.length; at++) {
    const piece = kept[at];
    if (piece === undefined || piece.elementOffset >= end) return;
    const from = Math.max(first, piece.elementOffset);
    const to = Math.min(end, piece.elementOffset + piece.elementCount);
    const skipped = from - piece.elementOffset;
    const { location, elementOffset } = piece.from;
    yield { elementOffset: from, elementCount: to - from, from: { location, elementOffset: elementOffset + skipped } };
  }
}

function firstEndingAfter(kept: readonly KeptElements[], element: number): number {
  let low = 0;
  let high = kept.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const piece = kept[middle];
    if (piece !== undefined && piece.elementOffset + piece.elementCount <= element) low = middle + 1;
    else high = middle;
  }
  return low;
}
