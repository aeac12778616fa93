import { describe, expect, test } from "vitest";
import type { Dtype } from "../checkpoint/dtype.ts";
import type { ModelConfig } from "../checkpoint/model-config.ts";
import { recipeSchema } from "../recipe/recipe.ts";
import { sketchCheckpoint, type TensorSketch } from "../test-support/checkpoints.ts";
import { isExecutable, planMerge } from "./plan-merge.ts";
import { weightsOf } from "./weights.ts";

const weight = (shape: readonly number[]): TensorSketch => ({ name: "m.weight", dtype: "F8_E4M3", shape });
const scale = (name: string, shape: readonly number[], dtype: Dtype = "F32"): TensorSketch => ({ name, dtype, shape });

function gridOf(sketches: readonly TensorSketch[], config: Partial<ModelConfig> | null = null) {
  const { scales } = weightsOf(sketchCheckpoint("q", sketches, config)).tensors[0] ?? {};
  return scales && [scales.block, scales.counts];
}

describe("scales of FP8 weights", () => {
  const blocks = (blockSize: [number, number]) => ({
    quantization: { method: "fp8", format: null, bits: null, blockSize },
  });

  test.each([
    ["of a tensor, as a scalar", [300, 200], scale("m.weight_scale", []), [300, 200], [1, 1]],
    ["of a tensor, as a vector of one", [300, 200], scale("m.weight_scale", [1]), [300, 200], [1, 1]],
    ["of a tensor, in Comfy's name", [300, 200], scale("m.scale_weight", [1]), [300, 200], [1, 1]],
    ["of rows", [300, 200], scale("m.weight_scale", [300, 1], "BF16"), [1, 200], [300, 1]],
    ["of rows, as a vector", [300, 200], scale("m.weight_scale", [300]), [1, 200], [300, 1]],
    ["of groups in rows", [300, 256], scale("m.weight_scale", [300, 4]), [1, 64], [300, 4]],
    ["of blocks of 128 × 128, the last ones cut", [300, 200], scale("m.weight_scale_inv", [3, 2]), [128, 128], [3, 2]],
    ["of blocks in powers of two", [256, 256], scale("m.weight_scale_inv", [2, 2], "F8_E8M0"), [128, 128], [2, 2]],
    ["of experts' blocks", [4, 256, 200], scale("m.weight_scale_inv", [4, 2, 2]), [1, 128, 128], [4, 2, 2]],
    ["of experts", [4, 256, 200], scale("m.weight_scale", [4]), [1, 256, 200], [4, 1, 1]],
  ])("%s", (_, shape, tensor, block, counts) => {
    expect(gridOf([weight(shape), tensor])).toEqual([block, counts]);
  });

  test("have the block that the config says", () => {
    expect(gridOf([weight([300, 200]), scale("m.weight_scale_inv", [5, 4])], blocks([64, 50]))).toEqual([
      [64, 50],
      [5, 4],
    ]);
  });

  test("are no tensors of their own any more, nor is what only a quantised model uses", () => {
    const names = ["m.weight_scale", "m.input_scale", "attn.k_scale"].map((name) => scale(name, [1]));
    const { tensors, companions } = weightsOf(sketchCheckpoint("q", [weight([4, 4]), ...names, scale("norm", [4])]));
    expect(tensors.map(({ name }) => name)).toEqual(["m.weight", "norm"]);
    expect(companions).toHaveLength(3);
  });

  test("of a model without FP8 are ordinary tensors", () => {
    const sketches = [{ ...weight([4, 4]), dtype: "BF16" as const }, scale("m.weight_scale", [1])];
    expect(weightsOf(sketchCheckpoint("q", sketches)).tensors).toHaveLength(2);
  });

  test.each([
    ["whose number fits no division", scale("m.weight_scale", [7, 1])],
    ["with more dimensions than the weight", scale("m.weight_scale", [1, 300, 2])],
    ["of a dtype that is none for scales", scale("m.weight_scale", [300, 1], "I32")],
  ])("%s are an error, and the weights are not taken for plain numbers", (_, tensor) => {
    const bad = sketchCheckpoint("bad", [weight([300, 200]), tensor]);
    const good = sketchCheckpoint("good", [{ name: "m.weight", dtype: "BF16", shape: [300, 200] }]);
    const recipe = recipeSchema.parse({ target: "good", vectors: [{ chat: "bad", base: "good" }] });
    const plan = planMerge({ recipe, target: good, vectors: [{ chat: bad, base: good }] });
    expect(plan.problems).toMatchObject([{ code: "scales-unreadable", severity: "error", tensors: ["m.weight"] }]);
    expect(isExecutable(plan)).toBe(false);
  });
});

describe("an FP8 target", () => {
  const models = ["t", "c", "b"].map((path) =>
    sketchCheckpoint(path, [
      weight([300, 200]),
      scale("m.weight_scale_inv", [3, 2]),
      { name: "norm.weight", dtype: "BF16", shape: [200] },
    ]),
  );
  const plan = (dtype: "same" | "F32") => {
    const [target, chat, base] = models;
    if (target === undefined || chat === undefined || base === undefined) throw new Error("three models");
    const recipe = recipeSchema.parse({ target: "t", vectors: [{ chat: "c", base: "b" }], output: { dtype } });
    return planMerge({ recipe, target, vectors: [{ chat, base }] });
  };

  test("is written in BF16 without its scales, and says so", () => {
    const made = plan("same");
    expect(made.tensors.map(({ name, action, output }) => [name, action, output.dtype])).toEqual([
      ["m.weight", "merge", "BF16"],
      ["norm.weight", "merge", "BF16"],
    ]);
    expect(made.problems).toMatchObject([{ code: "float8-widened", severity: "notice", tensors: ["m.weight"] }]);
    expect(isExecutable(made)).toBe(true);
  });

  test("is written in the dtype that is asked for", () => {
    expect(plan("F32").tensors.map(({ output }) => output.byteLength)).toEqual([240_000, 800]);
  });
});
