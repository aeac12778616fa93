import type { MeasuredSpan, MeasuredTensor, MeasurePlan } from "../plan/measure-plan.ts";
import { type MeasureOperation, operandAlignment } from "./backend.ts";
import { type BatchRead, InputPacker, wholeChunks } from "./input-packer.ts";
import { measureOrder } from "./measure-order.ts";
import { isPrecise, type PrecisePart, precisePartsOf } from "./precise.ts";
import { inputsOf, pairAt, type SpanInputs } from "./span-inputs.ts";

/** What one slot measures in one round. */
export interface MeasureBatch {
  /** Whether what it reads are whole runs of files' bytes, so that a thread can read them by itself; the batch then is as large as that allows. */
  readonly isOfFiles: boolean;
  readonly reads: readonly BatchRead[];
  readonly operations: readonly MeasureOperation[];
  /** Of each operation: what of the plan it measures. */
  readonly parts: readonly MeasuredPart[];
}

/** Elements that are measured in float64, beside the backend: one of the models has F64. */
export interface PreciseMeasure {
  /** Index into the plan's tensors. */
  readonly tensor: number;
  readonly span: MeasuredSpan;
  readonly precise: PrecisePart;
}

export interface MeasuredPart {
  /** Index into the plan's tensors. */
  readonly tensor: number;
  readonly elementOffset: number;
  /** Which of the recipe's vectors the operation's vectors are; empty where only the target is measured. */
  readonly vectors: readonly number[];
}

export interface MeasureLimits {
  readonly inputBytes: number;
  readonly operationCount: number;
  /** Of a batch that a thread reads by itself, as asked for each time; 0 while none is wanted. */
  readonly fileBytes?: () => number;
}

/**
 * Cuts the plan into rounds of a slot, a spread of layers first: large tensors into chunks, small ones packed together.
 * Tensors in `done` are left out.
 */
export function* measureBatchesOf(
  plan: MeasurePlan,
  limits: MeasureLimits,
  done: ReadonlySet<string>,
): Generator<MeasureBatch | PreciseMeasure, void, undefined> {
  const newPacker = (isPlain: boolean) => {
    const fileBytes = isPlain ? (limits.fileBytes?.() ?? 0) : 0;
    return new Packer({ ...limits, inputBytes: fileBytes || limits.inputBytes }, isPlain, fileBytes > 0);
  };
  let packer = newPacker(false);
  for (const index of measureOrder(plan.tensors)) {
    const tensor = plan.tensors[index];
    if (tensor === undefined || done.has(tensor.name)) continue;
    for (const span of tensor.spans) {
      const inputs = inputsOf(tensor.target, span);
      if (isPrecise(inputs)) {
        for (const part of precisePartsOf(inputs, span.elementCount)) yield { tensor: index, span, precise: part };
        continue;
      }
      const blockElements = blockElementsOf(inputs, limits.inputBytes);
      const isPlain = inputs.isPlain;
      if (packer.isPlain !== isPlain) {
        if (!packer.isEmpty) yield packer.finish();
        packer = newPacker(isPlain);
      }
      for (let measured = 0; measured < span.elementCount; ) {
        const count = Math.min(blockElements, span.elementCount - measured);
        if (packer.take(index, tensor, span, inputs, measured, count)) measured += count;
        else if (packer.isEmpty) throw new RangeError(`${count} elements of ${tensor.name} fit no slot`);
        else packer.isFull = true;
        if (packer.isFull) {
          yield packer.finish();
          packer = newPacker(isPlain);
        }
      }
    }
  }
  if (!packer.isEmpty) yield packer.finish();
}

/**
 * Elements of one operation, the same whatever else a round has room for: so that a tensor's sums are added up in the same parts, to the same bits, each
 * time. Two of them fill a slot.
 */
function blockElementsOf({ distinct, bytesPerElement }: SpanInputs, inputBytes: number): number {
  const elements = (inputBytes / 2 - distinct.length * operandAlignment) / bytesPerElement;
  return elements >= tileElements ? Math.floor(elements / tileElements) * tileElements : wholeChunks(elements);
}

/** A multiple of what any backend sums without a break, but for a GPU's larger tiles, which then are not always full. */
const tileElements = 1024;

class Packer {
  readonly isPlain: boolean;
  isFull = false;
  readonly #isOfFiles: boolean;
  readonly #limits: MeasureLimits;
  readonly #inputs: InputPacker;
  readonly #operations: MeasureOperation[] = [];
  readonly #parts: MeasuredPart[] = [];

  constructor(limits: MeasureLimits, isPlain: boolean, isOfFiles: boolean) {
    this.#limits = limits;
    this.isPlain = isPlain;
    this.#isOfFiles = isOfFiles;
    this.#inputs = new InputPacker(limits.inputBytes);
  }

  get isEmpty(): boolean {
    return this.#operations.length === 0;
  }

  /** Adds `count` of the span's elements from `start` on, where they fit. */
  take(
    index: number,
    { target }: MeasuredTensor,
    span: MeasuredSpan,
    inputs: SpanInputs,
    start: number,
    count: number,
  ): boolean {
    if (count > this.#inputs.capacity(inputs)) return false;
    const operands = this.#inputs.add(inputs, start, count);
    const [targetOperand = null] = target === null ? [] : operands;
    const others = target === null ? operands : operands.slice(1);
    this.#operations.push({
      elementCount: count,
      target: targetOperand,
      vectors: span.vectors.map((_, vector) => pairAt(others, vector)),
    });
    const vectors = span.vectors.map(({ vector }) => vector);
    this.#parts.push({ tensor: index, elementOffset: span.elementOffset + start, vectors });
    this.isFull = this.#operations.length >= this.#limits.operationCount || this.#inputs.fillRatio > 0.875;
    return true;
  }

  finish(): MeasureBatch {
    const { reads } = this.#inputs;
    return { isOfFiles: this.#isOfFiles, reads, operations: this.#operations, parts: this.#parts };
  }
}
