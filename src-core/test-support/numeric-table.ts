import { bytesPerElement } from "../checkpoint/dtype.ts";
import { type Backend, type MergeOperation, type Operand, operandAlignment, type Slot } from "../engine/backend.ts";
import type { SlotSize } from "../engine/check-operations.ts";
import { elementsOf, readBits, writeBits } from "../reference/elements.ts";
import type { CaseElements, NumericCase } from "./numeric-case.ts";
import { checkNumericCase } from "./numeric-check.ts";

/** A run of a case's elements in one round of a slot. */
interface Piece {
  readonly numericCase: NumericCase;
  readonly start: number;
  readonly operation: MergeOperation;
}

/** Pieces start at multiples of this, as the pipeline's chunks do. */
const pieceAlignment = 8;

/**
 * Runs cases through a backend, small ones packed together, large ones cut, all slots at work, and holds every element and every
 * count of new non-finite values to the contract, or to another check. Returns a sentence for each case that fails.
 */
export async function runNumericTable(
  backend: Backend,
  size: SlotSize,
  cases: readonly NumericCase[],
  check: (numericCase: NumericCase, output: CaseElements) => string | null = checkNumericCase,
): Promise<readonly string[]> {
  const outputs = new Map(cases.map((each) => [each, newOutput(each)]));
  const counts = new Map(cases.map((each) => [each, 0]));
  const rounds = roundsOf(cases, size);
  const work = async (slot: Slot) => {
    for (let round = rounds.next(); round.done !== true; round = rounds.next()) {
      const input = await slot.prepare();
      for (const piece of round.value) fillInput(input, piece);
      const { borrowedOutput, newNonFinite } = await slot.merge(round.value.map(({ operation }) => operation));
      round.value.forEach(({ numericCase, start, operation }, index) => {
        takeOutput(borrowedOutput, operation, start, outputs.get(numericCase));
        counts.set(numericCase, (counts.get(numericCase) ?? 0) + (newNonFinite[index] ?? Number.NaN));
      });
    }
  };
  await Promise.all(backend.slots.map(work));
  return cases.flatMap((each) => {
    const output = outputs.get(each);
    if (output === undefined) return [`${each.name}: never ran`];
    return [check(each, output), checkCount(each, output, counts.get(each))].filter((found) => found !== null);
  });
}

function* roundsOf(cases: readonly NumericCase[], size: SlotSize): Generator<readonly Piece[], void, undefined> {
  let pieces: Piece[] = [];
  let input = 0;
  let output = 0;
  for (const numericCase of cases) {
    let start = 0;
    do {
      const count = Math.min(numericCase.elementCount - start, capacityFor(numericCase, size, input, output));
      if (count > 0 || numericCase.elementCount === 0) {
        const placed = place(numericCase, count, input, output);
        pieces.push({ numericCase, start, operation: placed.operation });
        start += count;
        input = placed.inputEnd;
        output = placed.outputEnd;
      }
      if (start < numericCase.elementCount || pieces.length === size.operationCount) {
        if (pieces.length === 0) throw new RangeError(`${numericCase.name} does not fit a slot`);
        yield pieces;
        pieces = [];
        input = 0;
        output = 0;
      }
    } while (start < numericCase.elementCount);
  }
  if (pieces.length > 0) yield pieces;
}

/** Elements that fit; exactly all bytes of the slot when the operands' ends are aligned. */
function capacityFor(
  { target, vectors, outputDtype }: NumericCase,
  size: SlotSize,
  input: number,
  output: number,
): number {
  const operands = [target, ...vectors.flatMap(({ chat, base }) => [chat, base])];
  const inputBytes = operands.reduce((sum, { dtype }) => sum + bytesPerElement(dtype), 0);
  const capacity = Math.min(
    (size.inputBytes - input) / inputBytes,
    (size.outputBytes - output) / bytesPerElement(outputDtype),
  );
  return Math.floor(capacity / pieceAlignment) * pieceAlignment;
}

function place(
  { target, vectors, outputDtype }: NumericCase,
  elementCount: number,
  inputStart: number,
  outputStart: number,
): { operation: MergeOperation; inputEnd: number; outputEnd: number } {
  let inputEnd = inputStart;
  const take = ({ dtype }: CaseElements): Operand => {
    const byteOffset = inputEnd;
    inputEnd += aligned(elementCount * bytesPerElement(dtype));
    return { dtype, byteOffset };
  };
  const operation: MergeOperation = {
    elementCount,
    target: take(target),
    vectors: vectors.map(({ scale, chat, base }) => ({ scale, chat: take(chat), base: take(base) })),
    output: { dtype: outputDtype, byteOffset: outputStart },
  };
  return { operation, inputEnd, outputEnd: outputStart + aligned(elementCount * bytesPerElement(outputDtype)) };
}

function fillInput(input: Uint8Array, { numericCase, start, operation }: Piece): void {
  const fill = (operand: Operand, { bits }: CaseElements, padding: number) => {
    const byteLength = operation.elementCount * bytesPerElement(operand.dtype);
    input.fill(padding, operand.byteOffset, operand.byteOffset + aligned(byteLength));
    const elements = elementsOf(operand.dtype, input, operand.byteOffset, operation.elementCount);
    for (let i = 0; i < operation.elementCount; i++) writeBits(elements, i, bits[start + i] ?? 0);
  };
  // Behind the last element a finite target and NaN in the vectors: what lies there must not be counted.
  fill(operation.target, numericCase.target, 0);
  operation.vectors.forEach(({ chat, base }, index) => {
    const vector = numericCase.vectors[index];
    if (vector === undefined) throw new RangeError(`no vector ${index}`);
    fill(chat, vector.chat, 0xff);
    fill(base, vector.base, 0xff);
  });
}

function takeOutput(
  borrowedOutput: Uint8Array,
  { elementCount, output }: MergeOperation,
  start: number,
  taken: CaseElements | undefined,
): void {
  const elements = elementsOf(output.dtype, borrowedOutput, output.byteOffset, elementCount);
  for (let i = 0; i < elementCount; i++) taken?.bits.set([readBits(elements, i)], start + i);
}

function newOutput({ outputDtype, elementCount }: NumericCase): CaseElements {
  return { dtype: outputDtype, bits: new Uint32Array(elementCount) };
}

const infinities = { F32: 0x7f800000, F16: 0x7c00, BF16: 0x7f80 } as const;

function isFiniteElement({ dtype, bits }: CaseElements, index: number): boolean {
  return ((bits[index] ?? 0) & infinities[dtype]) !== infinities[dtype];
}

function checkCount(
  { name, target, elementCount }: NumericCase,
  output: CaseElements,
  actual: number | undefined,
): string | null {
  let expected = 0;
  for (let i = 0; i < elementCount; i++) if (isFiniteElement(target, i) && !isFiniteElement(output, i)) expected++;
  return actual === expected ? null : `${name}: ${actual} new non-finite values reported, expected ${expected}`;
}

function aligned(byteLength: number): number {
  return Math.ceil(byteLength / operandAlignment) * operandAlignment;
}
