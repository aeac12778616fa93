import { bytesPerElement } from "../checkpoint/dtype.ts";
import { type Elements, elementsOf, readBits, writeBits } from "../reference/elements.ts";
import { mergeElements } from "../reference/merge.ts";
import type { CaseElements, NumericCase } from "./numeric-case.ts";

/** Holds a case's output to the reference's bits. Returns a sentence with the first element that differs, or null. */
export function checkAgainstReference(numericCase: NumericCase, output: CaseElements): string | null {
  const { name, elementCount, target, vectors } = numericCase;
  const expected = elementsFor(output, elementCount);
  mergeElements(
    elementCount,
    asElements(target, elementCount),
    vectors.map(({ scale, chat, base }) => ({
      scale,
      chat: asElements(chat, elementCount),
      base: asElements(base, elementCount),
    })),
    expected,
  );
  const hex = (bits: number | undefined) => `0x${(bits ?? 0).toString(16)}`;
  for (let i = 0; i < elementCount; i++) {
    if (readBits(expected, i) === output.bits[i]) continue;
    const operands = [target, ...vectors.flatMap(({ chat, base }) => [chat, base])].map(
      ({ dtype, bits }) => `${dtype} ${hex(bits[i])}`,
    );
    return (
      `${name}: element ${i} of ${elementCount} is ${hex(output.bits[i])}, the reference's ${hex(readBits(expected, i))}` +
      ` (target, chat, base: ${operands.join(", ")}; λ ${vectors.map(({ scale }) => scale).join(", ")})`
    );
  }
  return null;
}

function asElements(values: CaseElements, elementCount: number): Elements {
  const elements = elementsFor(values, elementCount);
  for (let i = 0; i < elementCount; i++) writeBits(elements, i, values.bits[i] ?? 0);
  return elements;
}

function elementsFor({ dtype }: CaseElements, elementCount: number): Elements {
  return elementsOf(dtype, new Uint8Array(elementCount * bytesPerElement(dtype)), 0, elementCount);
}
