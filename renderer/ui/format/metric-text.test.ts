import { describe, expect, test } from "vitest";
import { formatCosine, formatMagnitude, formatMetric, formatShare, formatTick } from "./metric-text.ts";

const plain = (text: string) => text.replaceAll("\u2009", " ");

describe("a share", () => {
  test.each([
    [0.0387, "3.87 %"],
    [0.00012345, "0.0123 %"],
    [1, "100 %"],
    [0, "0 %"],
    [0.99999, "100 %"],
    [1e-9, "1.0e−7 %"],
  ])("%d", (share, text) => expect(plain(formatShare(share))).toBe(text));
});

describe("a magnitude", () => {
  test.each([
    [6.4823, "6.482"],
    [9.9999, "10.00"],
    [12345.6, "12,350"],
    [0.0459, "0.04590"],
    [3.2e-7, "3.20e−7"],
    [-1234, "−1,234"],
    [2.5e9, "2.50e9"],
  ])("%d", (value, text) => expect(formatMagnitude(value)).toBe(text));
});

describe("a cosine", () => {
  test.each([
    [-0.012, "−0.012"],
    [0.1, "0.100"],
    [-0.0001, "−0.00010"],
    [0.00049999, "0.00050"],
    [1, "1.000"],
    [-0, "0.000"],
  ])("%d", (cosine, text) => expect(formatCosine(cosine)).toBe(text));
});

describe("a tick of an axis", () => {
  test.each([
    ["relative", 0.041, "4.1 %"],
    ["relative", 0.04, "4 %"],
    ["relative", 0.125, "12.5 %"],
    ["relative", 1, "100 %"],
    ["relative", 0, "0"],
    ["cosine", -0.08, "−0.08"],
    ["vector", 6, "6"],
    ["vector", 150, "150"],
    ["maximum", 0.046, "0.046"],
  ] as const)("of %s at %d", (metric, value, text) => expect(plain(formatTick(metric, value))).toBe(text));
});

test("a metric without a value is a dash", () => expect(formatMetric("cosine", null)).toBe("–"));
