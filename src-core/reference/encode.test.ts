import { describe, expect, it } from "vitest";
import { mergeableDtypes } from "../checkpoint/dtype.ts";
import { Random } from "../random.ts";
import { elementOf, nearestBits, toNumber } from "../test-support/exact.ts";
import { decodeElement } from "./decode.ts";
import { convertNan, encodeElement } from "./encode.ts";

function patternsOf(dtype: (typeof mergeableDtypes)[number]): Iterable<number> {
  if (dtype !== "F32") return Array.from({ length: 65_536 }, (_, bits) => bits);
  const random = new Random(7);
  return Array.from({ length: 65_536 }, () => random.bits());
}

describe.each(mergeableDtypes)("%s", (dtype) => {
  it("decodes every pattern to exactly its value", () => {
    for (const bits of patternsOf(dtype)) {
      const { kind, isNegative, value } = elementOf(dtype, bits);
      const expected =
        kind === "nan" ? Number.NaN : kind === "infinite" ? Number.POSITIVE_INFINITY : Math.abs(toNumber(value));
      const actual = decodeElement(dtype, bits);
      if (!Object.is(actual, isNegative ? -expected : expected)) expect.fail(`0x${bits.toString(16)} gave ${actual}`);
    }
  });

  it("gives back the pattern it decoded, but for NaN", () => {
    for (const bits of patternsOf(dtype)) {
      const value = decodeElement(dtype, bits);
      if (!Number.isNaN(value) && encodeElement(dtype, value) !== bits) expect.fail(`0x${bits.toString(16)}`);
    }
  });

  it("rounds f32 values once, to nearest, ties to even", () => {
    const random = new Random(8);
    for (let i = 0; i < 50_000; i++) {
      // Half of them with few low bits, so that ties occur.
      const bits = i % 2 === 0 ? random.bits() : (random.bits() & 0xfffff000) >>> 0;
      const { kind, value } = elementOf("F32", bits);
      if (kind !== "finite" || value === 0n) continue;
      const actual = encodeElement(dtype, decodeElement("F32", bits));
      if (actual !== nearestBits(dtype, value)) expect.fail(`0x${bits.toString(16)} gave 0x${actual.toString(16)}`);
    }
  });
});

describe("encodeElement", () => {
  it.each([
    ["BF16", 1 + 2 ** -8, 0x3f80],
    ["BF16", 1 + 3 * 2 ** -8, 0x3f82],
    ["BF16", 1 + 2 ** -8 + 2 ** -23, 0x3f81],
    ["BF16", 2 ** -133, 0x0001],
    ["BF16", 2 ** -134, 0x0000],
    ["BF16", 2 ** -134 + 2 ** -149, 0x0001],
    ["BF16", -(2 ** -140), 0x8000],
    ["BF16", (2 - 2 ** -8) * 2 ** 127, 0x7f80],
    ["F16", 2049, 0x6800],
    ["F16", 2051, 0x6802],
    ["F16", 65519.99609375, 0x7bff],
    ["F16", 65520, 0x7c00],
    ["F16", -65520, 0xfc00],
    ["F16", 2 ** -25, 0x0000],
    ["F16", 3 * 2 ** -25, 0x0002],
    ["F16", 1023.5 * 2 ** -24, 0x0400],
    ["F32", 2 ** -150, 0x00000000],
    ["F32", 2 ** 128, 0x7f800000],
    ["F32", Number.NEGATIVE_INFINITY, 0xff800000],
    ["F32", -0, 0x80000000],
    ["F32", Number.NaN, 0x7fc00000],
  ] as const)("%s of %d is %i", (dtype, value, bits) => {
    expect(encodeElement(dtype, value)).toBe(bits);
  });
});

describe("convertNan", () => {
  it.each([
    ["F32", 0x7f800001, "BF16", 0x7fc0],
    ["F32", 0xffd50000, "BF16", 0xffd5],
    ["F32", 0x7f802000, "F16", 0x7e01],
    ["BF16", 0xff81, "F32", 0xffc10000],
    ["F16", 0x7c01, "F32", 0x7fc02000],
    ["F16", 0xfe01, "F16", 0xfe01],
    ["F16", 0x7c08, "BF16", 0x7fc1],
  ] as const)("%s %i as %s keeps sign and top payload bits and is quiet", (from, bits, to, expected) => {
    expect(convertNan(from, bits, to)).toBe(expected);
  });
});
