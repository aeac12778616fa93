import { describe, expect, it } from "vitest";
import type { RecipeVector } from "../recipe/recipe.ts";
import { scaleOfTensor } from "../recipe/scale.ts";
import { joinScales, metricsOfKnown, valueOfCell } from "./cell-values.ts";
import { compareParts, cosineMatrix, strongestPulls } from "./comparison.ts";
import { layOutHeatmap } from "./heatmap-layout.ts";
import { populatedHistogram } from "./log-histogram.ts";
import { matchRules, scalesOfTensors } from "./tensor-scales.ts";
import type { TensorStatistics } from "./tensor-statistics.ts";
import { histogramBinCount } from "./tensor-sums.ts";

/** A tensor of two elements, from which every sum follows. */
function statisticsOf(name: string, base: number[], chat: number[], target: number[] | null): TensorStatistics {
  const tau = chat.map((value, index) => value - (base[index] ?? 0));
  const sigma = (target ?? base).map((value, index) => value - (base[index] ?? 0));
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
  return {
    name,
    elementCount: base.length,
    target: target === null ? null : dot(target, target),
    vectors: [
      {
        elementCount: base.length,
        base: dot(base, base),
        chat: dot(chat, chat),
        vector: dot(tau, tau),
        shift: dot(sigma, sigma),
        targetVector: target === null ? 0 : dot(target, tau),
        shiftVector: dot(sigma, tau),
        absolute: tau.reduce((sum, value) => sum + Math.abs(value), 0),
        maximum: Math.max(...tau.map(Math.abs)),
        zeroCount: tau.filter((value) => value === 0).length,
        histogram: new Uint32Array(histogramBinCount),
      },
    ],
    pairs: [],
    nonFiniteCount: 0,
    firstNonFinite: null,
  };
}

const names = ["layers.0.mlp.up_proj.weight", "layers.1.mlp.up_proj.weight", "lm_head.weight"];
const statistics = names.map((name, index) => statisticsOf(name, [3, 4], [3, 4 + index], [3 + index, 4]));
const tensors = names.map((name, index) => ({ names: [name], layer: index < 2 ? index : null }));
const recipe = { scale: 0.5, curve: [1, 0.5], rules: [{ tensors: "lm_head*", scale: 2 }] };

describe("λ of every tensor", () => {
  it("is scaleOfTensor's", () => {
    const vector: RecipeVector = { name: "chat", chat: "c", base: "b", ...recipe };
    const expected = tensors.map((tensor) => scaleOfTensor(vector, tensor.names, tensor.layer, 2).scale);
    expect([...scalesOfTensors(tensors, matchRules(tensors, recipe.rules), recipe, 2)]).toEqual(expected);
    expect(expected).toEqual([0.5, 0.25, 2]);
  });

  it("of a rule with a curve follows the depth as well", () => {
    const rules = [{ tensors: "*up_proj*", scale: 3, curve: [0, 1], outside: 7 }];
    const vector: RecipeVector = { name: "chat", chat: "c", base: "b", scale: 1, outside: 5, rules };
    const expected = tensors.map((tensor) => scaleOfTensor(vector, tensor.names, tensor.layer, 2).scale);
    expect([...scalesOfTensors(tensors, matchRules(tensors, rules), vector, 2)]).toEqual(expected);
    expect(expected).toEqual([0, 3, 5]);
  });
});

describe("a cell's value", () => {
  const scales = scalesOfTensors(tensors, matchRules(tensors, recipe.rules), recipe, 2);
  const joined = joinScales(statistics, [scales]);

  it("is its tensors' metric at their λ", () => {
    expect(valueOfCell([1], joined, "relative", 0)).toBeCloseTo(1 / 5);
    expect(valueOfCell([2], joined, "mergedShiftRelative", 0)).toBeCloseTo((2 * 2) / Math.hypot(5, 4));
    expect(valueOfCell([0], joined, "cosine", 0)).toBeNull();
  });

  it("is pending until all its tensors are measured", () => {
    expect(valueOfCell([0, 1], joinScales([statistics[0] ?? null, null], [scales]), "relative", 0)).toBe("pending");
  });

  it("of the whole model is that of what is known", () => {
    expect(metricsOfKnown([null, null, null], 0)).toBeNull();
    expect(metricsOfKnown([joined[1] ?? null, null], 0)?.relative).toBeCloseTo(1 / 5);
  });
});

describe("σ against τ", () => {
  const layout = layOutHeatmap(
    names.map((name, index) => ({ name, layer: index < 2 ? index : null, module: "mlp.up_proj.weight" })),
  );
  const joined = joinScales(statistics, [new Float64Array(3)]);

  it("is compared by module, layer and cell, with what lies outside", () => {
    const labels = (by: "modules" | "layers" | "cells") =>
      compareParts(layout, joined, by, 0).map(({ label }) => label);
    expect(labels("modules")).toEqual(["up_proj", "head"]);
    expect(labels("layers")).toEqual(["layer 0", "layer 1", "head"]);
    expect(labels("cells")).toEqual(["up_proj, layer 0", "up_proj, layer 1", "head"]);
  });

  it("leaves out what is not measured", () => {
    expect(compareParts(layout, [null, null, joined[2] ?? null], "layers", 0).map(({ label }) => label)).toEqual([
      "head",
    ]);
  });

  it("names the strongest on either side, and none that chance explains", () => {
    const part = (label: string, cosine: number, elementCount = 1e6) => ({
      key: label,
      label,
      group: "mlp" as const,
      tensors: [],
      elementCount,
      shift: 1,
      vector: 1,
      cosine,
    });
    const parts = [
      part("a", 0.2),
      part("b", 0.3),
      part("c", -0.1),
      part("d", 0.001),
      part("e", -0.3),
      part("f", 0.9, 4),
    ];
    const { together, against } = strongestPulls(parts, 2);
    expect(together.map(({ label }) => label)).toEqual(["b", "a"]);
    expect(against.map(({ label }) => label)).toEqual(["e", "c"]);
  });
});

it("compares a vector with itself as 1", () => {
  expect(cosineMatrix(statistics, 1)).toEqual([[1]]);
});

describe("a histogram of |τ|", () => {
  it("is cropped to the octaves that hold something", () => {
    const histogram = new Uint32Array(histogramBinCount);
    histogram[48 * 2 - 21] = 3;
    histogram[48 * 2 - 4] = 5;
    expect(populatedHistogram([histogram])).toMatchObject({ leastExponent: -11, mostExponent: -1, total: 8 });
    expect(populatedHistogram([histogram, histogram])?.counts).toEqual([0, 6, ...Array(16).fill(0), 10, 0]);
  });

  it("is none when nothing differs", () => {
    expect(populatedHistogram([new Uint32Array(histogramBinCount)])).toBeNull();
  });
});
