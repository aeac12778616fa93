import type { PlannedSpan, PlannedVector, TensorLocation } from "../plan/merge-plan.ts";
import type { Operand } from "./backend.ts";
import { distinctRanges, type InputRange, widthOf } from "./input-packer.ts";

type SpanVector = Pick<PlannedVector, "chat" | "base" | "chatElementOffset" | "baseElementOffset">;

/** A span as merging and measuring read it: λ is not part of it. */
export interface SpanOfVectors extends Omit<PlannedSpan, "vectors"> {
  readonly vectors: readonly SpanVector[];
}

/** What the span reads from its element `start` on: the target where there is one, then chat and base of each vector. */
export function inputRangesOf(target: TensorLocation | null, span: SpanOfVectors, start: number): InputRange[] {
  const ranges = span.vectors.flatMap(({ chat, base, chatElementOffset, baseElementOffset }) => [
    { location: chat, elementOffset: chatElementOffset + start },
    { location: base, elementOffset: baseElementOffset + start },
  ]);
  return target === null ? ranges : [{ location: target, elementOffset: span.elementOffset + start }, ...ranges];
}

/** The operands of one vector, among those of all vectors in order. */
export function pairAt(operands: readonly Operand[], vector: number): { chat: Operand; base: Operand } {
  const [chat, base] = operands.slice(2 * vector, 2 * vector + 2);
  if (chat === undefined || base === undefined) throw new RangeError(`no operands for vector ${vector}`);
  return { chat, base };
}

/** Bytes that reading the whole span takes. */
export function spanReadBytes(target: TensorLocation | null, span: SpanOfVectors): number {
  const ranges = distinctRanges(inputRangesOf(target, span, 0));
  return span.elementCount * ranges.reduce((sum, { location }) => sum + widthOf(location), 0);
}
