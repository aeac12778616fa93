import type { MeasuredSpan, MeasuredTensor, MeasurePlan } from "../plan/measure-plan.ts";
import type { MeasureOperation } from "./backend.ts";
import { type BatchRead, InputPacker } from "./input-packer.ts";
import { measureOrder } from "./measure-order.ts";
import { isPrecise, type PrecisePart, precisePartsOf } from "./precise.ts";
import { inputsOf, pairAt, type SpanInputs } from "./span-inputs.ts";

/** What one slot measures in one round. */
export interface MeasureBatch {
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
  let packer = new Packer(limits);
  for (const index of measureOrder(plan.tensors)) {
    const tensor = plan.tensors[index];
    if (tensor === undefined || done.has(tensor.name)) continue;
    for (const span of tensor.spans) {
      const inputs = inputsOf(tensor.target, span);
      if (isPrecise(inputs)) {
        for (const part of precisePartsOf(inputs, span.elementCount)) yield { tensor: index, span, precise: part };
        continue;
      }
      let measured = 0;
      while (measured < span.elementCount) {
        measured += packer.take(index, tensor, span, inputs, measured);
        if (measured < span.elementCount || packer.isFull) {
          yield packer.finish();
          packer = new Packer(limits);
        }
      }
    }
  }
  if (!packer.isEmpty) yield packer.finish();
}

class Packer {
  readonly #limits: MeasureLimits;
  readonly #inputs: InputPacker;
  readonly #operations: MeasureOperation[] = [];
  readonly #parts: MeasuredPart[] = [];

  constructor(limits: MeasureLimits) {
    this.#limits = limits;
    this.#inputs = new InputPacker(limits.inputBytes);
  }

  get isEmpty(): boolean {
    return this.#operations.length === 0;
  }

  get isFull(): boolean {
    return this.#operations.length >= this.#limits.operationCount || this.#inputs.fillRatio > 0.875;
  }

  /** Adds as many of the span's elements from `start` on as fit; returns how many. */
  take(index: number, { target }: MeasuredTensor, span: MeasuredSpan, inputs: SpanInputs, start: number): number {
    const count = Math.min(span.elementCount - start, this.#inputs.capacity(inputs));
    if (count === 0 || this.#operations.length >= this.#limits.operationCount) return 0;
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
    return count;
  }

  finish(): MeasureBatch {
    return { reads: this.#inputs.reads, operations: this.#operations, parts: this.#parts };
  }
}
