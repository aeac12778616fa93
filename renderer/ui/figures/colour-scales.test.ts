import { describe, expect, it, test } from "vitest";
import { heatmapPalettes } from "../components/heatmap/paint-heatmap.ts";
import { colourAt, colourStops, colourTable, inkOn, luminance, rgbAt } from "./colour-scales.ts";
import { difference, seenAs, visions } from "./colour-vision.fixture.ts";

const themes = ["dark", "light"] as const;
const places = Array.from({ length: 101 }, (_, index) => index / 100);
/** CIE lightness, from relative luminance. */
const lightness = (rgb: readonly [number, number, number]) => 116 * Math.cbrt(luminance(rgb)) - 16;

describe("a sequential scale", () => {
  test.each(themes)("changes its lightness in one direction, so that it reads in grey: %s", (theme) => {
    const values = places.map((place) => lightness(rgbAt("sequential", theme, place)));
    const direction = theme === "dark" ? 1 : -1;
    for (const [index, value] of values.slice(1).entries()) {
      expect(direction * (value - (values[index] ?? 0))).toBeGreaterThan(-0.4);
    }
    expect(Math.abs((values.at(-1) ?? 0) - (values[0] ?? 0))).toBeGreaterThan(60);
  });
});

describe.each(Object.entries(visions))("seen with %s", (_vision, matrix) => {
  const at = (range: "sequential" | "diverging", theme: (typeof themes)[number], place: number) =>
    seenAs(rgbAt(range, theme, place), matrix);
  /** Twelve steps from end to end. */
  const stepsOf = (range: "sequential" | "diverging", theme: (typeof themes)[number]) =>
    Array.from({ length: 12 }, (_, step) => [at(range, theme, step / 12), at(range, theme, (step + 1) / 12)] as const);

  test.each(themes)("a sequential scale gets lighter, or darker, at every step, and steps stay apart: %s", (theme) => {
    for (const [from, to] of stepsOf("sequential", theme)) {
      expect((theme === "dark" ? 1 : -1) * (to[0] - from[0])).toBeGreaterThan(3);
      // Nearly twice what is just noticeable.
      expect(difference(from, to)).toBeGreaterThan(4);
    }
  });

  test.each(themes)("a diverging scale leaves its middle evenly, and steps stay apart: %s", (theme) => {
    for (const [index, [from, to]] of stepsOf("diverging", theme).entries()) {
      const outwards = index < 6 ? from[0] - to[0] : to[0] - from[0];
      expect((theme === "dark" ? 1 : -1) * outwards).toBeGreaterThan(3);
      expect(difference(from, to)).toBeGreaterThan(4);
    }
  });

  test.each(themes)("what is not measured yet is told from the least value: %s", (theme) => {
    const pending = seenAs(parse(heatmapPalettes[theme].pending), matrix);
    expect(difference(pending, at("sequential", theme, 0))).toBeGreaterThan(3);
  });
});

test.each(themes)("the two sides of a diverging scale differ without red, green or blue cones: %s", (theme) => {
  for (const [vision, matrix] of Object.entries(visions)) {
    if (vision === "grey") continue;
    const [low, high] = [0.25, 0.75].map((place) => seenAs(rgbAt("diverging", theme, place), matrix));
    expect(difference(low ?? [0, 0, 0], high ?? [0, 0, 0]), vision).toBeGreaterThan(40);
  }
});

function parse(hex: string): readonly [number, number, number] {
  const channel = (from: number) => Number.parseInt(hex.slice(from, from + 2), 16);
  return [channel(1), channel(3), channel(5)];
}

describe("a diverging scale", () => {
  test.each(themes)("is as far from its middle on both sides, and neutral there: %s", (theme) => {
    const [least, middle, most] = [0, 0.5, 1].map((place) => lightness(rgbAt("diverging", theme, place)));
    expect(Math.abs(Math.abs((least ?? 0) - (middle ?? 0)) - Math.abs((most ?? 0) - (middle ?? 0)))).toBeLessThan(12);
    const [red, green, blue] = rgbAt("diverging", theme, 0.5);
    expect(Math.max(red, green, blue) - Math.min(red, green, blue)).toBeLessThan(12);
  });

  test.each(themes)("is blue on one side and orange on the other: %s", (theme) => {
    const [lowRed, , lowBlue] = rgbAt("diverging", theme, 0.1);
    const [highRed, , highBlue] = rgbAt("diverging", theme, 0.9);
    expect(lowBlue).toBeGreaterThan(lowRed);
    expect(highRed).toBeGreaterThan(highBlue);
  });
});

it("starts and ends at its stops, and goes no further", () => {
  expect(colourAt("sequential", "dark", -1)).toBe(colourAt("sequential", "dark", 0));
  expect(rgbAt("sequential", "light", 2)).toEqual([0x2c, 0x2a, 0x5e]);
  expect(colourStops.sequential.light.at(-1)).toBe("#2c2a5e");
  expect(colourTable("diverging", "light")).toHaveLength(256);
});

it("writes on every colour with a contrast of 4.5 or more", () => {
  const contrast = (a: number, b: number) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  for (const theme of themes) {
    for (const place of places) {
      const rgb = rgbAt("sequential", theme, place);
      const ink = inkOn(rgb) === "#ffffff" ? 1 : 0;
      expect(contrast(luminance(rgb), ink)).toBeGreaterThanOrEqual(4.5);
    }
  }
});
