import { bytesPerElement } from "../checkpoint/dtype.ts";
import { type Backend, type MeasureOperation, type Operand, operandAlignment, type Slot } from "../engine/backend.ts";
import type { SlotSize } from "../engine/check-operations.ts";
import { elementsOf, writeBits } from "../reference/elements.ts";
import { addTensorSums, type TensorSums } from "../statistics/tensor-sums.ts";
import { type MeasureCase, operandsOf } from "./measure-case.ts";
import { checkSums } from "./measure-check.ts";
import { exactSums } from "./measure-exact.ts";
import { f32ValuesOf, float64Sums } from "./measure-float64.ts";
import type { CaseElements } from "./numeric-case.ts";

/** A run of a case's elements in one round of a slot. */
interface Piece {
  readonly measureCase: MeasureCase;
  readonly start: number;
  readonly operation: MeasureOperation;
  readonly operands: ReadonlyMap<CaseElements, Operand>;
}

/** Pieces start at multiples of this, as the pipeline's chunks do. */
const pieceAlignment = 8;

/**
 * Measures cases on a backend, small ones packed together, large ones cut, all slots at work, and holds their sums to `tolerance`.
 * Returns a sentence for each case that fails.
 */
export async function runMeasureTable(
  backend: Backend,
  size: SlotSize,
  cases: readonly MeasureCase[],
  tolerance: number,
): Promise<readonly string[]> {
  const parts = new Map<MeasureCase, Map<number, TensorSums>>(cases.map((each) => [each, new Map()]));
  const rounds = roundsOf(cases, size);
  const work = async (slot: Slot) => {
    for (let round = rounds.next(); round.done !== true; round = rounds.next()) {
      const input = await slot.prepare();
      for (const piece of round.value) fillInput(input, piece);
      const measured = await slot.measure(round.value.map(({ operation }) => operation));
      round.value.forEach(({ measureCase, start }, index) => {
        const sums = measured[index];
        if (sums !== undefined) parts.get(measureCase)?.set(start, sums);
      });
    }
  };
  await Promise.all(backend.slots.map(work));
  return cases.flatMap((each) => {
    const sums = sumOfParts(parts.get(each) ?? new Map());
    if (sums === null) return [`${each.name}: never ran`];
    return checkSums(each.name, sums, expectedSums(each), tolerance) ?? [];
  });
}

/** By the elements at which the parts start. */
export function sumOfParts(parts: ReadonlyMap<number, TensorSums>): TensorSums | null {
  let sum: TensorSums | null = null;
  for (const [start, part] of [...parts].sort(([a], [b]) => a - b)) {
    sum = sum === null ? part : addTensorSums(sum, part, start);
  }
  return sum;
}

const expectations = new WeakMap<MeasureCase, TensorSums>();
const exactElementCount = 2 ** 16;

/** Computed once: a table runs on several backends. */
function expectedSums(measureCase: MeasureCase): TensorSums {
  let sums = expectations.get(measureCase);
  if (sums === undefined) {
    sums = measureCase.elementCount <= exactElementCount ? exactSums(measureCase) : float64SumsOf(measureCase);
    expectations.set(measureCase, sums);
  }
  return sums;
}

function float64SumsOf({ name, target, vectors }: MeasureCase): TensorSums {
  const [vector, ...others] = vectors;
  if (target === null || vector === undefined || others.length > 0) throw new RangeError(`${name} is too large`);
  return float64Sums({
    target: f32ValuesOf(target),
    chat: f32ValuesOf(vector.chat),
    base: f32ValuesOf(vector.base),
  });
}

function* roundsOf(cases: readonly MeasureCase[], size: SlotSize): Generator<readonly Piece[], void, undefined> {
  let pieces: Piece[] = [];
  let filled = 0;
  for (const measureCase of cases) {
    let start = 0;
    do {
      const count = Math.min(measureCase.elementCount - start, capacityFor(measureCase, size.inputBytes - filled));
      if (count > 0 || measureCase.elementCount === 0) {
        const placed = place(measureCase, start, count, filled);
        pieces.push(placed.piece);
        start += count;
        filled = placed.end;
      }
      if (start < measureCase.elementCount || pieces.length === size.operationCount) {
        if (pieces.length === 0) throw new RangeError(`${measureCase.name} does not fit a slot`);
        yield pieces;
        pieces = [];
        filled = 0;
      }
    } while (start < measureCase.elementCount);
  }
  if (pieces.length > 0) yield pieces;
}

/** Elements that fit; exactly all bytes when the operands' ends are aligned. */
function capacityFor(measureCase: MeasureCase, byteLength: number): number {
  const perElement = [...new Set(operandsOf(measureCase))].reduce((sum, { dtype }) => sum + bytesPerElement(dtype), 0);
  return Math.floor(byteLength / perElement / pieceAlignment) * pieceAlignment;
}

function place(
  measureCase: MeasureCase,
  start: number,
  elementCount: number,
  byteOffset: number,
): { readonly piece: Piece; readonly end: number } {
  let end = byteOffset;
  const operands = new Map<CaseElements, Operand>();
  for (const elements of operandsOf(measureCase)) {
    if (operands.has(elements)) continue;
    operands.set(elements, { dtype: elements.dtype, byteOffset: end });
    end += aligned(elementCount * bytesPerElement(elements.dtype));
  }
  const operandOf = (elements: CaseElements): Operand => {
    const operand = operands.get(elements);
    if (operand === undefined) throw new RangeError(`an operand of ${measureCase.name} has no place`);
    return operand;
  };
  const operation = {
    elementCount,
    target: measureCase.target && operandOf(measureCase.target),
    vectors: measureCase.vectors.map(({ chat, base }) => ({ chat: operandOf(chat), base: operandOf(base) })),
  };
  return { piece: { measureCase, start, operation, operands }, end };
}

/** Behind the last element lies NaN or a number: neither may be counted. */
function fillInput(input: Uint8Array, { start, operation: { elementCount }, operands }: Piece): void {
  const padding = elementCount % 4 === 1 ? 0xff : 0x3f;
  for (const [{ bits }, { dtype, byteOffset }] of operands) {
    input.fill(padding, byteOffset, byteOffset + aligned(elementCount * bytesPerElement(dtype)));
    const elements = elementsOf(dtype, input, byteOffset, elementCount);
    for (let i = 0; i < elementCount; i++) writeBits(elements, i, bits[start + i] ?? 0);
  }
}

function aligned(byteLength: number): number {
  return Math.ceil(byteLength / operandAlignment) * operandAlignment;
}
