import { describe, expect, it } from "vitest";
import { elementsOf } from "./elements.ts";
import { mergeElement, mergeElements } from "./merge.ts";

describe("mergeElement", () => {
  it("adds the scaled difference of chat and base to the target", () => {
    expect(mergeElement(1, [{ scale: 0.5, chat: 3, base: 2 }])).toBe(1.5);
  });

  it("forms the sum of the vectors before the target joins it", () => {
    const small = { scale: 1, chat: 2 ** -25, base: 0 };
    // Each alone would vanish beside 1; together they are the next f32.
    expect(mergeElement(1, [small, small, small, small])).toBe(1 + 2 ** -23);
  });

  it("rounds every step to f32", () => {
    expect(mergeElement(0, [{ scale: Math.fround(0.7), chat: 1, base: -(2 ** -24) }])).toBe(Math.fround(0.7));
  });

  it("neither overflows nor loses bits on the way", () => {
    const largest = (2 - 2 ** -23) * 2 ** 127;
    expect(mergeElement(-largest, [{ scale: 1, chat: largest, base: -largest }])).toBe(largest);
    const least = { scale: 0.25, chat: 2 ** -149, base: 0 };
    expect(mergeElement(0, [least, least, least, least])).toBe(2 ** -149);
  });

  it("keeps the sign of a zero that nothing is added to", () => {
    expect(mergeElement(-0, [])).toBe(-0);
  });
});

describe("mergeElements", () => {
  const bytesOf = (...halves: number[]) => new Uint8Array(Uint16Array.from(halves).buffer);
  const bf16 = (...halves: number[]) => elementsOf("BF16", bytesOf(...halves), 0, halves.length);

  it("counts what is not finite only where the target was", () => {
    const output = new Uint8Array(8);
    const vector = { scale: 1, chat: bf16(0x7f80, 0x7f80, 0x3f80, 0x7f7f), base: bf16(0, 0x7f80, 0, 0) };
    const count = mergeElements(4, bf16(0x3f80, 0x3f80, 0x7f81, 0x7f7f), [vector], elementsOf("BF16", output, 0, 4));
    expect([...new Uint16Array(output.buffer)]).toEqual([0x7f80, 0x7fc0, 0x7fc1, 0x7f80]);
    expect(count).toBe(3);
  });

  it("refuses elements beyond the memory", () => {
    expect(() => elementsOf("F32", new Uint8Array(7), 0, 2)).toThrow(RangeError);
  });
});
