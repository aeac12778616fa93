import { describe, expect, it, test } from "vitest";
import {
  formatBytes,
  formatCount,
  formatCounted,
  formatDtype,
  formatDuration,
  formatParameters,
  formatPercent,
  formatRate,
  formatScale,
  formatShape,
  formatSingleScale,
  formatTimeLeft,
} from "./format.ts";

/** Expected texts are written with ordinary spaces; a thin one stands before a unit. */
function thin(text: string): string {
  return text.replaceAll("_", "\u2009");
}

describe("bytes", () => {
  test.each([
    [0, "0_B"],
    [134, "134_B"],
    [999, "999_B"],
    [1000, "1.00_kB"],
    [8192, "8.19_kB"],
    [999_499, "999_kB"],
    [999_500, "1.00_MB"],
    [13_476_000_000, "13.5_GB"],
    [999_999_999_999, "1.00_TB"],
    [1.5e15, "1.50_PB"],
    [3.2e18, "3,200_PB"],
  ])("%d is %s", (bytes, text) => expect(formatBytes(bytes)).toBe(thin(text)));

  it("per second is a rate", () => expect(formatRate(4.4e9)).toBe(thin("4.40_GB/s")));
});

describe("parameters", () => {
  test.each([
    [512, "512"],
    [25_600_000, "25.6_M"],
    [6_738_415_616, "6.74_B"],
    [1.04e12, "1.04_T"],
  ])("%d is %s", (parameters, text) => expect(formatParameters(parameters)).toBe(thin(text)));
});

describe("counts", () => {
  it("are grouped by thousands", () => expect(formatCount(46_336)).toBe("46,336"));
  it("have a real minus sign", () => expect(formatCount(-3)).toBe("−3"));
  it("agree with their noun", () => {
    expect(formatCounted(1, "file")).toBe("1 file");
    expect(formatCounted(32_000, "token")).toBe("32,000 tokens");
    expect(formatCounted(2, "vocabulary", "vocabularies")).toBe("2 vocabularies");
  });
});

describe("λ", () => {
  test.each([
    [0, "0.00"],
    [1, "1.00"],
    [0.8, "0.80"],
    [-0.5, "−0.50"],
    [0.725, "0.725"],
    [1.0000001, "1.0000001"],
    [1e-7, "1e−7"],
    [4_294_967_296, "4294967296.00"],
  ])("%d is %s", (scale, text) => expect(formatScale(scale)).toBe(text));

  test.each([0, 1, 0.8, -0.7, 0.725, 1.2345678, 1e-7, 16_777_217])(
    "%d reads the same after its rounding to f32",
    (scale) => {
      const single = Math.fround(scale);
      expect(Math.fround(Number(formatSingleScale(single).replace("−", "-")))).toBe(single);
      if (scale !== 16_777_217) expect(formatSingleScale(single)).toBe(formatScale(scale));
    },
  );
});

describe("durations", () => {
  test.each([
    [0.04, "under 0.1_s"],
    [0.44, "0.4_s"],
    [9.2, "9.2_s"],
    [9.96, "10_s"],
    [59.4, "59_s"],
    [59.6, "1_min"],
    [65, "1_min 5_s"],
    [3599.6, "1_h"],
    [7380, "2_h 3_min"],
  ])("%d s took %s", (seconds, text) => expect(formatDuration(seconds)).toBe(thin(text)));

  test.each([
    [0, "1_s"],
    [8.1, "9_s"],
    [9.6, "10_s"],
    [130, "2_min 10_s"],
  ])("%d s are left: %s", (seconds, text) => expect(formatTimeLeft(seconds)).toBe(thin(text)));
});

describe("percentages", () => {
  test.each([
    [-0.1, "0_%"],
    [0.419, "41_%"],
    [0.9999, "99_%"],
    [1, "100_%"],
    [1.2, "100_%"],
  ])("%d is %s", (fraction, text) => expect(formatPercent(fraction)).toBe(thin(text)));
});

it("writes a shape with crosses, and names a scalar", () => {
  expect(formatShape([4096, 11008])).toBe("4096 × 11008");
  expect(formatShape([])).toBe("scalar");
});

it("writes dtypes small", () => expect(formatDtype("BF16")).toBe("bf16"));
