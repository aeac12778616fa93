import { describe, expect, test } from "vitest";
import type { Float8Dtype } from "../checkpoint/dtype.ts";
import { decodeE8M0, decodeFloat8 } from "./float8.ts";

/** From the tables of OCP's specification (E4M3: 5.2, E5M2: 5.1) and of arXiv 2206.02915 (FNUZ). */
const known: readonly [Float8Dtype, readonly (readonly [bits: number, value: number])[]][] = [
  [
    "F8_E4M3",
    [
      [0x00, 0],
      [0x80, -0],
      [0x01, 2 ** -9],
      [0x07, 0.875 * 2 ** -6],
      [0x08, 2 ** -6],
      [0x38, 1],
      [0x3c, 1.5],
      [0xb8, -1],
      [0x78, 256],
      [0x7e, 448],
      [0xfe, -448],
      [0x7f, Number.NaN],
      [0xff, Number.NaN],
    ],
  ],
  [
    "F8_E5M2",
    [
      [0x80, -0],
      [0x01, 2 ** -16],
      [0x03, 0.75 * 2 ** -14],
      [0x04, 2 ** -14],
      [0x3c, 1],
      [0xbd, -1.25],
      [0x7b, 57344],
      [0x7c, Number.POSITIVE_INFINITY],
      [0xfc, Number.NEGATIVE_INFINITY],
      [0x7d, Number.NaN],
      [0xff, Number.NaN],
    ],
  ],
  [
    "F8_E4M3FNUZ",
    [
      [0x00, 0],
      [0x80, Number.NaN],
      [0x01, 2 ** -10],
      [0x08, 2 ** -7],
      [0x40, 1],
      [0x7f, 240],
      [0xff, -240],
    ],
  ],
  [
    "F8_E5M2FNUZ",
    [
      [0x80, Number.NaN],
      [0x01, 2 ** -17],
      [0x04, 2 ** -15],
      [0x40, 1],
      [0x7f, 57344],
      [0xff, -57344],
    ],
  ],
];

describe("FP8 decodes exactly", () => {
  test.each(known)("%s", (dtype, values) => {
    for (const [bits, value] of values) expect([bits, decodeFloat8(dtype, bits)]).toEqual([bits, value]);
  });

  test.each(known.map(([dtype]) => dtype))("%s: magnitudes ascend with their bits, and signs mirror them", (dtype) => {
    let previous = Number.NEGATIVE_INFINITY;
    for (let bits = 0; bits < 0x80; bits++) {
      const value = decodeFloat8(dtype, bits);
      if (Number.isNaN(value)) continue;
      expect(value).toBeGreaterThan(previous);
      previous = value;
      const mirrored = decodeFloat8(dtype, bits + 0x80);
      if (bits > 0 || !dtype.endsWith("FNUZ")) expect(mirrored).toBe(-value);
    }
  });

  test("E8M0 is a power of two", () => {
    expect([0, 127, 128, 254].map(decodeE8M0)).toEqual([2 ** -127, 1, 2, 2 ** 127]);
    expect(decodeE8M0(255)).toBeNaN();
  });
});
