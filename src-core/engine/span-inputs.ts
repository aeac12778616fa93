import type { PlannedSpan, PlannedVector, TensorLocation } from "../plan/merge-plan.ts";
import type { Operand } from "./backend.ts";
import { distinctInputs, type OperandInput, widthOf } from "./input-packer.ts";

/** A span as merging and measuring read it: λ is not part of it. */
export interface SpanOfVectors extends Omit<PlannedSpan, "vectors"> {
  readonly vectors: readonly Pick<PlannedVector, "chat" | "base" | "runs">[];
}

/** What the span reads: the target where there is one, then chat and base of each vector. */
export function inputsOf(target: TensorLocation | null, span: SpanOfVectors): OperandInput[] {
  const inputs = span.vectors.flatMap(({ chat, base, runs }) => [
    { location: chat, ranges: runs.map(({ chat: elementOffset, elementCount }) => ({ elementOffset, elementCount })) },
    { location: base, ranges: runs.map(({ base: elementOffset, elementCount }) => ({ elementOffset, elementCount })) },
  ]);
  if (target === null) return inputs;
  const { elementOffset, elementCount } = span;
  return [{ location: target, ranges: [{ elementOffset, elementCount }] }, ...inputs];
}

/** The operands of one vector, among those of all vectors in order. */
export function pairAt(operands: readonly Operand[], vector: number): { chat: Operand; base: Operand } {
  const [chat, base] = operands.slice(2 * vector, 2 * vector + 2);
  if (chat === undefined || base === undefined) throw new RangeError(`no operands for vector ${vector}`);
  return { chat, base };
}

/** Bytes that reading the whole span takes. */
export function spanReadBytes(target: TensorLocation | null, span: SpanOfVectors): number {
  const inputs = distinctInputs(inputsOf(target, span));
  return span.elementCount * inputs.reduce((sum, { location }) => sum + widthOf(location), 0);
}
