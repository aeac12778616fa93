import { describe, expect, it } from "vitest";
import { globMatches } from "../../../src-core/recipe/glob.ts";
import { globsOfTensors } from "./row-globs.ts";

const layers = (count: number, module: string) =>
  Array.from({ length: count }, (_, layer) => `m.layers.${layer}.${module}`);

describe("the globs of a row", () => {
  it("are one where the module's name stands alone", () => {
    const row = layers(32, "mlp.down_proj.weight");
    expect(globsOfTensors(row, [...row, ...layers(32, "mlp.up_proj.weight")])).toEqual(["*.mlp.down_proj.weight"]);
  });

  it("leave alone what ends in the same words", () => {
    const row = layers(12, "output.dense.weight");
    const all = [...row, ...layers(12, "attention.output.dense.weight")];
    const globs = globsOfTensors(row, all);
    expect(globs).toEqual(["m.layers.?.output.dense.weight", "m.layers.??.output.dense.weight"]);
    expect(all.filter((name) => globs.some((glob) => globMatches(glob, name)))).toEqual(row);
  });

  it("take all experts of all layers", () => {
    const experts = (module: string) =>
      Array.from({ length: 8 }, (_, expert) => layers(4, `moe.experts.${expert}.${module}`)).flat();
    const row = experts("w1.weight");
    expect(globsOfTensors(row, [...row, ...experts("w2.weight")])).toEqual(["m.layers.*.moe.experts.*.w1.weight"]);
  });

  it("take one expert of all layers", () => {
    const row = layers(4, "moe.experts.1.w1.weight");
    expect(globsOfTensors(row, [...row, ...layers(4, "moe.experts.11.w1.weight")])).toEqual([
      "*.moe.experts.1.w1.weight",
    ]);
  });

  it("of one tensor are its name", () => {
    expect(globsOfTensors(["lm_head.weight"], ["lm_head.weight", "x"])).toEqual(["lm_head.weight"]);
  });

  it("fall back to the names where no glob tells them from others", () => {
    expect(globsOfTensors(["a.x", "b.y"], ["a.x", "b.y", "c.z"])).toEqual(["a.x", "b.y"]);
  });
});
