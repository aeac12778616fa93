import { describe, expect, it, test } from "vitest";
import { formatScale } from "./format.ts";
import { parseScale } from "./parse-scale.ts";

describe("a typed λ", () => {
  test.each([
    ["0.8", 0.8],
    [" 1 ", 1],
    [".5", 0.5],
    ["2.", 2],
    ["0,75", 0.75],
    ["-0.5", -0.5],
    ["−0.5", -0.5],
    ["+3", 3],
    ["1e-3", 0.001],
    ["4294967296", 2 ** 32],
  ])("%s is %d", (text, scale) => expect(parseScale(text)).toEqual({ ok: true, scale }));

  test.each(["", "abc", "0.8x", "1.000,5", "1,2,3", "0x10", "Infinity", "NaN", "--1", "e5"])(
    "%j is refused",
    (text) => {
      expect(parseScale(text)).toEqual({ ok: false, message: "Type a number, e.g. 0.80" });
    },
  );

  it("is never minus zero", () => {
    const parsed = parseScale("-0");
    expect(parsed.ok && Object.is(parsed.scale, 0)).toBe(true);
  });

  it("is refused where f32 would not carry it", () => {
    expect(parseScale("4294967297").ok).toBe(false);
    expect(parseScale("-1e300").ok).toBe(false);
    expect(parseScale("1e-10").ok).toBe(false);
  });

  test.each([0, 1, 0.8, -0.5, 0.725, 1e-7])("%d is read back from how it is written", (scale) => {
    expect(parseScale(formatScale(scale))).toEqual({ ok: true, scale });
  });
});
