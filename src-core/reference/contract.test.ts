import { describe, expect, it } from "vitest";
import { meetsContract } from "./contract.ts";

const half = { scale: 0.5, chat: 0.25, base: 0.125 };

describe("meetsContract", () => {
  it("takes the correctly rounded result", () => {
    expect(meetsContract(0x3f88, "BF16", 1, [half])).toBe(true);
  });

  it.each([0x3f87, 0x3f89, 0xbf88, 0x7f80, 0x7fc0])("refuses %i, be it one ULP away", (bits) => {
    expect(meetsContract(bits, "BF16", 1, [half])).toBe(false);
  });

  it("takes either neighbour where f32's own error decides", () => {
    const beside = { scale: 1, chat: 2 ** -8 + 2 ** -24, base: 0 };
    expect(meetsContract(0x3f80, "BF16", 1, [beside])).toBe(true);
    expect(meetsContract(0x3f81, "BF16", 1, [beside])).toBe(true);
    expect(meetsContract(0x3f82, "BF16", 1, [beside])).toBe(false);
  });

  it("takes infinity from half an ULP above the largest value on, and not before", () => {
    expect(meetsContract(0x7c00, "F16", 65520, [])).toBe(true);
    expect(meetsContract(0x7c00, "F16", 65472, [])).toBe(false);
    expect(meetsContract(0x7bff, "F16", 65472, [])).toBe(false);
    expect(meetsContract(0xfc00, "F16", 65520, [])).toBe(false);
  });

  it("takes any NaN for NaN, and nothing else", () => {
    const nan = { scale: 1, chat: Number.POSITIVE_INFINITY, base: Number.POSITIVE_INFINITY };
    expect(meetsContract(0x7fc1, "BF16", 1, [nan])).toBe(true);
    expect(meetsContract(0x7f80, "BF16", 1, [nan])).toBe(false);
  });

  it("measures subnormals by their own spacing", () => {
    expect(meetsContract(0x0001, "F16", 2 ** -24, [])).toBe(true);
    expect(meetsContract(0x0002, "F16", 2 ** -24, [])).toBe(false);
  });
});
