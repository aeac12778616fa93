import { describe, expect, test } from "vitest";
import { globMatches } from "./glob.ts";
import { recipeSchema } from "./recipe.ts";
import { interpolateCurve, scaleOfTensor } from "./scale.ts";

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

describe("λ of a tensor", () => {
  const [vector] = recipeSchema.parse({
    target: "t",
    vectors: [
      {
        chat: "c",
        base: "b",
        scale: 0.5,
        curve: [0, 1],
        outside: 0.25,
        rules: [
          { tensors: "*norm*", scale: 2, curve: [1, 0] },
          { tensors: "*mlp*", scale: 1, curve: [0.5, 1], outside: 0 },
          { tensors: "*mlp*", scale: 9 },
        ],
      },
    ],
  }).vectors;
  if (vector === undefined) throw new Error("one vector");

  test.each([
    ["is scale × curve in the layers", "layers.1.q", 1, 3, 0.25, "curve"],
    ["is `outside` elsewhere", "embed", null, 3, 0.25, "scale"],
    ["follows the first rule's curve", "layers.0.norm", 0, 3, 2, "rule"],
    ["follows a rule's plain scale outside the layers", "norm", null, 3, 2, "rule"],
    ["follows a rule's own `outside`", "mlp", null, 3, 0, "rule"],
    ["follows no later rule", "layers.2.mlp", 2, 3, 1, "rule"],
    ["is the curve's end in the only layer", "layers.0.q", 0, 1, 0.5, "curve"],
  ])("%s", (_, name, layer, layerCount, scale, kind) => {
    const { scale: actual, because } = scaleOfTensor(vector, [name], layer, layerCount);
    expect({ scale: actual, kind: because.kind }).toEqual({ scale, kind });
  });
});
