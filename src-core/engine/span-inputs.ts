import { bytesPerElement, type MergeableDtype } from "../checkpoint/dtype.ts";
import type { PlannedVector, TensorLocation } from "../plan/merge-plan.ts";
import type { Operand } from "./backend.ts";
import { RangeList } from "./range-list.ts";

/** The elements of a tensor that an operation reads, one after another. */
export interface OperandInput {
  readonly location: TensorLocation;
  readonly ranges: RangeList;
}

/** What a run of elements reads. What several roles share is there once, and is read once. */
export class SpanInputs {
  readonly distinct: readonly OperandInput[];
  /** For each role, the index of its elements in `distinct`. */
  readonly roles: readonly number[];

  constructor(inputs: readonly OperandInput[]) {
    const distinct: OperandInput[] = [];
    this.roles = inputs.map((input) => {
      const known = distinct.findIndex((other) => areSame(input, other));
      return known >= 0 ? known : distinct.push(input) - 1;
    });
    this.distinct = distinct;
  }

  /** Bytes of an element of each. */
  get bytesPerElement(): number {
    return this.distinct.reduce((sum, { location }) => sum + widthOf(location), 0);
  }

  /** Whether each input is one run of a file's bytes. */
  get isPlain(): boolean {
    return this.distinct.every(
      ({ location, ranges }) =>
        location.view === undefined && location.encoded === undefined && ranges.isOneRun && ranges.storedCount > 0,
    );
  }

  /** Bytes that reading all of it takes. */
  get readBytes(): number {
    return this.distinct.reduce((sum, { location, ranges }) => sum + ranges.storedCount * fileWidthOf(location), 0);
  }
}

/** A run of elements as measuring reads it: λ is not part of it. */
export interface SpanOfVectors {
  readonly elementOffset: number;
  readonly elementCount: number;
  readonly vectors: readonly Pick<PlannedVector, "chat" | "base" | "runs">[];
}

/** What the span reads: the target where there is one, then chat and base of each vector. */
export function inputsOf(target: TensorLocation | null, span: SpanOfVectors): SpanInputs {
  const inputs = span.vectors.flatMap(({ chat, base, runs }) => [
    {
      location: chat,
      ranges: new RangeList(runs.map(({ chat: elementOffset, elementCount }) => ({ elementOffset, elementCount }))),
    },
    {
      location: base,
      ranges: new RangeList(runs.map(({ base: elementOffset, elementCount }) => ({ elementOffset, elementCount }))),
    },
  ]);
  if (target === null) return new SpanInputs(inputs);
  return new SpanInputs([{ location: target, ranges: RangeList.of(span) }, ...inputs]);
}

/** The operands of one vector, among those of all vectors in order. */
export function pairAt(operands: readonly Operand[], vector: number): { chat: Operand; base: Operand } {
  const [chat, base] = operands.slice(2 * vector, 2 * vector + 2);
  if (chat === undefined || base === undefined) throw new RangeError(`no operands for vector ${vector}`);
  return { chat, base };
}

/** Bytes of an element in the file. */
export function fileWidthOf({ dtype, encoded }: TensorLocation): number {
  return encoded === undefined ? bytesPerElement(dtype as MergeableDtype | "F64") : 1;
}

export function widthOf({ dtype }: TensorLocation): 2 | 4 {
  return bytesPerElement(dtype as MergeableDtype);
}

/** Whether two locations are of the same elements, in the same order. */
export function isSamePlace(a: TensorLocation, b: TensorLocation): boolean {
  if (a === b) return true;
  return (
    a.source === b.source &&
    a.file === b.file &&
    a.byteOffset === b.byteOffset &&
    a.dtype === b.dtype &&
    a.view?.strides.join() === b.view?.strides.join()
  );
}

function areSame(a: OperandInput, b: OperandInput): boolean {
  return isSamePlace(a.location, b.location) && a.ranges.equals(b.ranges);
}
