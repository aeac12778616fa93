import { describe, expect, test } from "vitest";
import { globMatches } from "./glob.ts";
import { interpolateCurve } from "./scale.ts";

describe("a rule's glob", () => {
  test.each([
    ["*norm.weight", "layers.0.input_layernorm.weight", true],
    ["*norm.weight", "layers.0.input_layernorm.weight.scale", false],
    ["layers.?.mlp.*", "layers.3.mlp.up_proj.weight", true],
    ["layers.?.mlp.*", "layers.13.mlp.up_proj.weight", false],
    ["*", "", true],
    ["", "", true],
    ["", "a", false],
    ["a*b*c", "aXbYbZc", true],
    ["a*b*c", "aXbYbZ", false],
    ["a.b", "aXb", false],
    ["[a]", "a", false],
  ])("%j on %j: %s", (pattern, name, matches) => {
    expect(globMatches(pattern, name)).toBe(matches);
  });

  test("of many stars takes no more than linear steps back", () => {
    const started = performance.now();
    expect(globMatches(`${"*a".repeat(500)}b`, "a".repeat(1000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(200);
  });
});

describe("a curve", () => {
  test("is linear between evenly spaced points over the depth", () => {
    expect(interpolateCurve([0, 1, 0], 0)).toBe(0);
    expect(interpolateCurve([0, 1, 0], 0.25)).toBe(0.5);
    expect(interpolateCurve([0, 1, 0], 0.5)).toBe(1);
    expect(interpolateCurve([0, 1, 0], 1)).toBe(0);
    expect(interpolateCurve([0.7], 0.3)).toBe(0.7);
  });
});
