import { describe, expect, it } from "vitest";
import { colourDomain, domainPosition, quantile } from "./colour-domain.ts";

const ramp = (count: number, from: number, to: number) =>
  Array.from({ length: count }, (_, index) => from + ((to - from) * index) / (count - 1));

describe("a colour domain", () => {
  it("runs from the least value to the most", () => {
    expect(colourDomain(ramp(200, 0.003, 0.041), { kind: "linear" })).toEqual({
      kind: "linear",
      least: 0.003,
      most: 0.041,
      clipsLeast: false,
      clipsMost: false,
    });
  });

  it("ends at a quantile, and says so, where one cell lies far beyond all others", () => {
    const domain = colourDomain([...ramp(200, 0.01, 0.04), 12], { kind: "linear" });
    expect(domain?.most).toBeCloseTo(0.04, 3);
    expect(domain).toMatchObject({ least: 0.01, clipsLeast: false, clipsMost: true });
  });

  it("shows few values whole, outlier or not", () => {
    expect(colourDomain([1, 1.1, 1.2, 50], { kind: "linear" })).toMatchObject({ most: 50, clipsMost: false });
  });

  it("starts at 0 where the values lie close together, so that small differences look small", () => {
    expect(colourDomain([3, 3.01], { kind: "linear" })).toMatchObject({ least: 0, most: 3.01 });
  });

  it("can be given its end, and says what lies beyond", () => {
    expect(colourDomain([0.1, 0.6], { kind: "linear", upTo: 0.5 })).toMatchObject({
      least: 0,
      most: 0.5,
      clipsMost: true,
    });
  });

  it("leaves NaN and infinities out", () => {
    expect(colourDomain([Number.NaN, 1, Number.POSITIVE_INFINITY, 9], { kind: "linear" })).toMatchObject({
      least: 1,
      most: 9,
    });
  });

  it("is none without values", () => {
    expect(colourDomain([], { kind: "linear" })).toBeNull();
    expect(colourDomain([], { kind: "diverging" })).toBeNull();
    expect(colourDomain([0, 0], { kind: "log" })).toBeNull();
  });

  it("in log leaves zeros at the first colour", () => {
    const domain = colourDomain([0, 1e-3, 1e-1], { kind: "log" });
    expect(domain).toMatchObject({ least: 1e-3, most: 1e-1, clipsLeast: true });
    if (domain === null) return;
    expect(domainPosition(domain, 0)).toBe(0);
    expect(domainPosition(domain, 1e-2)).toBeCloseTo(0.5);
  });

  it("of cosines has 0 in its middle", () => {
    const domain = colourDomain([-0.02, 0.1], { kind: "diverging" });
    expect(domain).toMatchObject({ least: -0.1, most: 0.1 });
    if (domain === null) return;
    expect([-0.1, 0, 0.1].map((value) => domainPosition(domain, value))).toEqual([0, 0.5, 1]);
  });
});

describe("a position", () => {
  it("beyond an end is the end", () => {
    const domain = { kind: "linear", least: 1, most: 3, clipsLeast: false, clipsMost: false } as const;
    expect([0, 1, 2, 4].map((value) => domainPosition(domain, value))).toEqual([0, 0, 0.5, 1]);
  });

  it("of nothing but zeros is the first colour", () => {
    const domain = colourDomain([0, 0], { kind: "linear" });
    expect(domain === null ? null : domainPosition(domain, 0)).toBe(0);
  });
});

it("takes quantiles between neighbours", () => {
  expect([0, 0.25, 1].map((fraction) => quantile([1, 2, 3], fraction))).toEqual([1, 1.5, 3]);
});
