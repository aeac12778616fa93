import { bytesPerElement, isMergeable } from "../checkpoint/dtype.ts";
import type { ElementRun } from "../plan/element-runs.ts";
import { originOf, type PlannedSpan, type PlannedTensor, type TensorLocation } from "../plan/merge-plan.ts";
import { type GatheredRange, RangeList } from "./range-list.ts";
import { isSamePlace, type OperandInput, SpanInputs } from "./span-inputs.ts";

/** Consecutive elements of a tensor that one operation can compute, or that are copied. */
export interface Stretch {
  readonly elementOffset: number;
  readonly elementCount: number;
  /** λ of each vector that is added. */
  readonly scales: readonly number[];
  /** What it reads, from the stretch's first element on: the target's, then chat's and base's of each vector. */
  readonly inputs: SpanInputs | null;
  /** Elements in between that no vector reaches: their bytes go over what was computed. In order. */
  readonly kept: readonly KeptElements[];
}

export interface KeptElements {
  /** In the tensor. */
  readonly elementOffset: number;
  readonly elementCount: number;
  readonly from: { readonly location: TensorLocation; readonly elementOffset: number };
}

/**
 * Kept elements of up to so many bytes between merged ones do not interrupt an operation. Where a target has its own tokens
 * among the others, row by row, there would else be an operation and a copy for each of them.
 */
const maximumKeptBytes = 256 * 1024;

/** The tensor's elements in stretches, in order. `inputs` is null for what is copied as it is. */
export function* stretchesOf(tensor: PlannedTensor): Generator<Stretch> {
  const { spans } = tensor;
  for (let first = 0; first < spans.length; ) {
    let last = first;
    for (let next = first; next < spans.length && continues(tensor, first, next); next++) {
      if (isMerged(spans[next])) last = next;
    }
    yield stretch(tensor, spans.slice(first, last + 1));
    first = last + 1;
  }
}

/** A merged span begins a stretch; kept ones in its dtype, and others with the same vectors, may follow. */
function continues({ spans, target, output }: PlannedTensor, first: number, next: number): boolean {
  const [start, span] = [spans[first], spans[next]];
  if (start === undefined || span === undefined || !isMerged(start)) return false;
  if (isMerged(span)) return haveSameVectors(start, span);
  // What is computed in float64 has no way for kept bytes to go over it.
  if (start.vectors.some(({ chat, base }) => chat.dtype === "F64" || base.dtype === "F64")) return false;
  const { location } = originOf(target, span);
  if (location.dtype !== output.dtype || location.view !== undefined || !isMergeable(location.dtype)) return false;
  return span.elementCount * bytesPerElement(location.dtype) <= maximumKeptBytes;
}

/** The same tensors with the same λ: a vector may also reach a tensor in parts, each from another of its tensors. */
function haveSameVectors(a: PlannedSpan, b: PlannedSpan): boolean {
  return (
    a.vectors.length === b.vectors.length &&
    a.vectors.every(({ vector, scale, chat, base }, index) => {
      const other = b.vectors[index];
      if (other === undefined || other.vector !== vector || other.scale !== scale) return false;
      return isSamePlace(chat, other.chat) && isSamePlace(base, other.base);
    })
  );
}

function isMerged(span: PlannedSpan | undefined): boolean {
  return span !== undefined && span.vectors.length > 0;
}

function stretch({ target, output }: PlannedTensor, spans: readonly PlannedSpan[]): Stretch {
  const [first, ...others] = spans;
  if (first === undefined) throw new RangeError("a stretch without spans");
  const { elementOffset, vectors } = first;
  const elementCount = spans.reduce((sum, span) => sum + span.elementCount, 0);
  const origin = originOf(target, first);
  const place = { elementOffset, elementCount, scales: vectors.map(({ scale }) => scale) };
  if (vectors.length === 0) {
    const isCopied = origin.location.dtype === output.dtype;
    const ranges = RangeList.of({ elementOffset: origin.elementOffset, elementCount });
    const inputs = isCopied ? null : new SpanInputs([{ location: origin.location, ranges }]);
    return { ...place, inputs, kept: isCopied ? [{ elementOffset, elementCount, from: origin }] : [] };
  }
  const inputs: OperandInput[] = [{ location: target, ranges: RangeList.of({ elementOffset, elementCount }) }];
  vectors.forEach(({ chat, base }, vector) => {
    inputs.push({ location: chat, ranges: gathered(spans, vector, ({ chat: at }) => at) });
    inputs.push({ location: base, ranges: gathered(spans, vector, ({ base: at }) => at) });
  });
  const kept = others
    .filter((span) => !isMerged(span))
    .map((span) => ({
      elementOffset: span.elementOffset,
      elementCount: span.elementCount,
      from: originOf(target, span),
    }));
  return { ...place, inputs: new SpanInputs(inputs), kept };
}

/** A vector's elements over the whole stretch: none where it does not reach, so that nothing is added to the target there. */
function gathered(spans: readonly PlannedSpan[], vector: number, place: (run: ElementRun) => number): RangeList {
  const ranges: GatheredRange[] = [];
  for (const { vectors, elementCount } of spans) {
    const planned = vectors[vector];
    if (planned === undefined) ranges.push({ elementOffset: null, elementCount });
    else for (const run of planned.runs) ranges.push({ elementOffset: place(run), elementCount: run.elementCount });
  }
  return new RangeList(ranges);
}
