import { bytesPerElement, type MergeableDtype } from "../checkpoint/dtype.ts";
import type { MergePlan, PlannedSpan, PlannedTensor } from "../plan/merge-plan.ts";
import { type MergeOperation, operandAlignment } from "./backend.ts";
import { alignedBytes, type BatchRead, InputPacker, wholeChunks } from "./input-packer.ts";
import { inputsOf, pairAt } from "./span-inputs.ts";

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
  if (span.elementCount === 0) return;
  const width = tensor.byteLength / tensor.elementCount;
  const { source, file, byteOffset, view } = tensor.target;
  // Whole elements where there are such: of 4-bit ones two share a byte, and a span of them is a whole tensor.
  const chunkBytes = Number.isInteger(width) ? limits.copyBytes - (limits.copyBytes % width) : limits.copyBytes;
  const start = span.elementOffset * width;
  const end = start + span.elementCount * width;
  for (let at = start; at < end; at += chunkBytes) {
    const byteLength = Math.min(chunkBytes, end - at);
    const place = { source, file, byteLength, slotByteOffset: 0 };
    const gathered = view && {
      view,
      byteOffset,
      elementByteLength: width,
      elementStart: at / width,
      elementCount: byteLength / width,
    };
    yield {
      kind: "copy",
      read: gathered ? { ...place, byteOffset, view: gathered } : { ...place, byteOffset: byteOffset + at },
      write: { file: tensor.output.file, byteOffset: tensor.output.byteOffset + at, byteLength, slotByteOffset: 0 },
    };
  }
}

class Packer {
  readonly #limits: BatchLimits;
  readonly #inputs: InputPacker;
  readonly #operations: MergeOperation[] = [];
  readonly #writes: BatchWrite[] = [];
  readonly #tensors: number[] = [];
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

  /** Adds as many of the span's elements from `start` on as fit; returns how many. */
  take(index: number, tensor: PlannedTensor, span: PlannedSpan, start: number): number {
    const inputs = inputsOf(tensor.target, span);
    const outputDtype = tensor.output.dtype as MergeableDtype;
    const outputWidth = bytesPerElement(outputDtype);
    const outputCapacity = wholeChunks(
      (this.#limits.outputBytes - this.#outputFilled - operandAlignment) / outputWidth,
    );
    const count = Math.min(span.elementCount - start, this.#inputs.capacity(inputs), outputCapacity);
    if (count === 0 || this.#operations.length >= this.#limits.operationCount) return 0;
    const [target, ...others] = this.#inputs.add(inputs, start, count);
    if (target === undefined) throw new Error("a span without its target");
    this.#operations.push({
      elementCount: count,
      target,
      vectors: span.vectors.map(({ scale }, index) => ({ scale, ...pairAt(others, index) })),
      output: { dtype: outputDtype, byteOffset: this.#outputFilled },
    });
    this.#writes.push({
      file: tensor.output.file,
      byteOffset: tensor.output.byteOffset + (span.elementOffset + start) * outputWidth,
      byteLength: count * outputWidth,
      slotByteOffset: this.#outputFilled,
    });
    this.#outputFilled += alignedBytes(count * outputWidth);
    this.#tensors.push(index);
    return count;
  }

  finish(): MergeBatch {
    return {
      kind: "merge",
      reads: this.#inputs.reads,
      operations: this.#operations,
      writes: this.#writes,
      tensors: this.#tensors,
    };
  }
}
