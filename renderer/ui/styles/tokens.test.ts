import { readFileSync } from "node:fs";
import { describe, expect, it, test } from "vitest";
import { luminance } from "../figures/colour-scales.ts";

type Rgb = readonly [red: number, green: number, blue: number];

const css = readFileSync(new URL("./tokens.css", import.meta.url), "utf8");
const [light = "", dark = ""] = css.split("@media (prefers-color-scheme: dark)");
const tokens = { light: readTokens(light), dark: new Map([...readTokens(light), ...readTokens(dark)]) };

function readTokens(rules: string): ReadonlyMap<string, string> {
  return new Map(
    [...rules.matchAll(/--([a-z-]+): (#[0-9a-f]{6,8});/g)].map(([, name = "", value = ""]) => [name, value]),
  );
}

/** The token's colour; one that lets through what is below it, over that. */
function colourOf(theme: keyof typeof tokens, name: string, below?: Rgb): Rgb {
  const hex = tokens[theme].get(name);
  if (hex === undefined) throw new Error(`no colour --${name}`);
  const part = (at: number) => Number.parseInt(hex.slice(at, at + 2), 16);
  const [red, green, blue] = [part(1), part(3), part(5)];
  if (hex.length === 7) return [red, green, blue];
  if (below === undefined) throw new Error(`--${name} is not opaque`);
  const share = part(7) / 255;
  const over = (top: number, under: number) => top * share + under * (1 - share);
  return [over(red, below[0]), over(green, below[1]), over(blue, below[2])];
}

function contrast(one: Rgb, other: Rgb): number {
  const [least = 0, most = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (most + 0.05) / (least + 0.05);
}

const grounds = ["bg", "panel", "sunk"] as const;
const themes = ["light", "dark"] as const;

describe.each(themes)("colours of the %s theme", (theme) => {
  test.each(["text", "dim", "faint", "accent", "decide", "error", "good", "attention"])(
    "%s is read on every ground, pointed at or selected",
    (ink) => {
      for (const ground of grounds) {
        const below = colourOf(theme, ground);
        expect(contrast(colourOf(theme, ink), below), ground).toBeGreaterThanOrEqual(4.5);
        const hovered = colourOf(theme, "hover", below);
        expect(contrast(colourOf(theme, ink), hovered), `${ground}, pointed at`).toBeGreaterThanOrEqual(4.5);
      }
    },
  );

  test.each([
    ["accent-ink", "accent"],
    ["accent-ink", "accent-strong"],
    ["text", "decide-bg"],
    ["dim", "decide-bg"],
    ["decide", "decide-bg"],
    ["text", "error-bg"],
    ["dim", "error-bg"],
    ["error", "error-bg"],
  ])("%s is read on %s", (ink, ground) => {
    expect(contrast(colourOf(theme, ink), colourOf(theme, ground))).toBeGreaterThanOrEqual(4.5);
  });

  it("shows the focus on every ground", () => {
    for (const ground of [...grounds, "decide-bg", "error-bg"]) {
      expect(contrast(colourOf(theme, "focus"), colourOf(theme, ground)), ground).toBeGreaterThanOrEqual(3);
    }
  });

  it("reads text where it is selected", () => {
    for (const ground of grounds) {
      const below = colourOf(theme, "accent-soft", colourOf(theme, ground));
      for (const ink of ["text", "dim"]) expect(contrast(colourOf(theme, ink), below), ink).toBeGreaterThanOrEqual(4.5);
    }
  });
});
