import { bytesPerElement, type MergeableDtype } from "../checkpoint/dtype.ts";
import type { MergePlan, PlannedSpan, PlannedTensor, TensorLocation } from "../plan/merge-plan.ts";
import { type MergeOperation, operandAlignment } from "./backend.ts";

/** A file range and its place in a slot's memory. */
export interface BatchRead {
  readonly source: number;
  readonly file: number;
  readonly byteOffset: number;
  readonly byteLength: number;
  readonly slotByteOffset: number;
}

/** A place in a slot's result and the output range it goes to. */
export interface BatchWrite {
  readonly file: number;
  readonly byteOffset: number;
  readonly byteLength: number;
  readonly slotByteOffset: number;
}

/** What one slot does in one round. */
export type Batch = MergeBatch | CopyBatch;

export interface MergeBatch {
  readonly kind: "merge";
  readonly reads: readonly BatchRead[];
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

/** Chunks start at multiples of this many elements, so that a chunk's bytes start on a 16-byte multiple of the tensor. */
const chunkElementAlignment = 8;

/**
 * Cuts the plan into rounds of a slot, in the order of the output: large tensors into chunks, small ones packed together.
 * The same plan and limits give the same batches.
 */
export function* batchesOf(plan: MergePlan, limits: BatchLimits): Generator<Batch, void, undefined> {
  let packer = new Packer(limits);
  for (const [index, tensor] of plan.tensors.entries()) {
    for (const span of tensor.spans) {
      if (span.vectors.length === 0 && tensor.output.dtype === tensor.target.dtype) {
        yield* copiesOf(tensor, span, limits);
        continue;
      }
      let done = 0;
      while (done < span.elementCount) {
        const taken = packer.take(index, tensor, span, done);
        done += taken;
        if (done < span.elementCount || packer.isFull) {
          yield packer.finish();
          packer = new Packer(limits);
        }
      }
    }
  }
  if (!packer.isEmpty) yield packer.finish();
}

function* copiesOf(tensor: PlannedTensor, span: PlannedSpan, limits: BatchLimits): Generator<CopyBatch> {
  const width = tensor.elementCount === 0 ? 0 : tensor.byteLength / tensor.elementCount;
  const start = span.elementOffset * width;
  const end = start + span.elementCount * width;
  for (let at = start; at < end; at += limits.copyBytes) {
    const byteLength = Math.min(limits.copyBytes, end - at);
    const { source, file, byteOffset } = tensor.target;
    yield {
      kind: "copy",
      read: { source, file, byteOffset: byteOffset + at, byteLength, slotByteOffset: 0 },
      write: { file: tensor.output.file, byteOffset: tensor.output.byteOffset + at, byteLength, slotByteOffset: 0 },
    };
  }
}

class Packer {
  readonly #limits: BatchLimits;
  readonly #reads: BatchRead[] = [];
  readonly #operations: MergeOperation[] = [];
  readonly #writes: BatchWrite[] = [];
  readonly #tensors: number[] = [];
  #inputFilled = 0;
  #outputFilled = 0;

  constructor(limits: BatchLimits) {
    this.#limits = limits;
  }

  get isEmpty(): boolean {
    return this.#operations.length === 0;
  }

  /** So full that starting another tensor here would cut it into needlessly small chunks. */
  get isFull(): boolean {
    const { inputBytes, outputBytes, operationCount } = this.#limits;
    return (
      this.#operations.length >= operationCount ||
      this.#inputFilled > inputBytes * 0.875 ||
      this.#outputFilled > outputBytes * 0.875
    );
  }

  /** Adds as many of the span's elements from `start` on as fit; returns how many. */
  take(index: number, tensor: PlannedTensor, span: PlannedSpan, start: number): number {
    const inputs = operandsOf(tensor, span, start);
    const outputDtype = tensor.output.dtype as MergeableDtype;
    const count = Math.min(span.elementCount - start, this.#capacity(inputs, outputDtype));
    if (count === 0) return 0;
    const places = new Map<string, number>();
    for (const { key, location, elementOffset } of inputs) {
      const width = bytesPerElement(location.dtype as MergeableDtype);
      const byteLength = count * width;
      places.set(key, this.#inputFilled);
      this.#reads.push({
        source: location.source,
        file: location.file,
        byteOffset: location.byteOffset + elementOffset * width,
        byteLength,
        slotByteOffset: this.#inputFilled,
      });
      this.#inputFilled += aligned(byteLength);
    }
    const operand = (location: TensorLocation, elementOffset: number) => ({
      dtype: location.dtype as MergeableDtype,
      byteOffset: places.get(keyOf(location, elementOffset)) ?? 0,
    });
    this.#operations.push({
      elementCount: count,
      target: operand(tensor.target, span.elementOffset + start),
      vectors: span.vectors.map(({ scale, chat, base, chatElementOffset, baseElementOffset }) => ({
        scale,
        chat: operand(chat, chatElementOffset + start),
        base: operand(base, baseElementOffset + start),
      })),
      output: { dtype: outputDtype, byteOffset: this.#outputFilled },
    });
    const outputWidth = bytesPerElement(outputDtype);
    this.#writes.push({
      file: tensor.output.file,
      byteOffset: tensor.output.byteOffset + (span.elementOffset + start) * outputWidth,
      byteLength: count * outputWidth,
      slotByteOffset: this.#outputFilled,
    });
    this.#outputFilled += aligned(count * outputWidth);
    this.#tensors.push(index);
    return count;
  }

  finish(): MergeBatch {
    return {
      kind: "merge",
      reads: this.#reads,
      operations: this.#operations,
      writes: this.#writes,
      tensors: this.#tensors,
    };
  }

  /** Elements that still fit, in whole alignment units; every operand may waste up to one alignment unit of bytes. */
  #capacity(inputs: readonly DistinctOperand[], outputDtype: MergeableDtype): number {
    const { inputBytes, outputBytes, operationCount } = this.#limits;
    if (this.#operations.length >= operationCount) return 0;
    const perElement = inputs.reduce((sum, { location }) => sum + bytesPerElement(location.dtype as MergeableDtype), 0);
    const inputLeft = inputBytes - this.#inputFilled - inputs.length * operandAlignment;
    const outputLeft = outputBytes - this.#outputFilled - operandAlignment;
    const count = Math.min(inputLeft / perElement, outputLeft / bytesPerElement(outputDtype));
    return Math.max(0, Math.floor(count / chunkElementAlignment) * chunkElementAlignment);
  }
}

interface DistinctOperand {
  readonly key: string;
  readonly location: TensorLocation;
  readonly elementOffset: number;
}

/** The span's inputs, each distinct range once: a target that is also the base is read a single time. */
function operandsOf(tensor: PlannedTensor, span: PlannedSpan, start: number): DistinctOperand[] {
  const distinct = new Map<string, DistinctOperand>();
  const add = (location: TensorLocation, elementOffset: number) => {
    const key = keyOf(location, elementOffset);
    if (!distinct.has(key)) distinct.set(key, { key, location, elementOffset });
  };
  add(tensor.target, span.elementOffset + start);
  for (const { chat, base, chatElementOffset, baseElementOffset } of span.vectors) {
    add(chat, chatElementOffset + start);
    add(base, baseElementOffset + start);
  }
  return [...distinct.values()];
}

function keyOf({ source, file, byteOffset }: TensorLocation, elementOffset: number): string {
  return `${source} ${file} ${byteOffset} ${elementOffset}`;
}

function aligned(byteLength: number): number {
  return Math.ceil(byteLength / operandAlignment) * operandAlignment;
}
