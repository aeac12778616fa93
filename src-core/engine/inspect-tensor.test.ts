import { describe, expect, test } from "vitest";
import { planMeasure } from "../plan/plan-measure.ts";
import { recipeSchema } from "../recipe/recipe.ts";
import { decodeElement } from "../reference/decode.ts";
import { elementsOf, readBits } from "../reference/elements.ts";
import { sketchCheckpoint } from "../test-support/checkpoints.ts";
import { MemorySource, randomWeights } from "../test-support/memory-files.ts";
import { inspectTensor } from "./inspect-tensor.ts";

const shape = [37, 41];
const dtypes = ["F16", "BF16", "F32"] as const;
const models = dtypes.map((dtype, index) => sketchCheckpoint(`model ${index}`, [{ name: "a.weight", shape, dtype }]));
const [target, chat, base] = models;
const sources = models.map(({ files }, index) => [
  new MemorySource("model", randomWeights(files[0]?.byteLength ?? 0, index)),
]);

function inspected() {
  if (target === undefined || chat === undefined || base === undefined) throw new Error("three models");
  const recipe = recipeSchema.parse({ target: target.path, vectors: [{ chat: chat.path, base: base.path }] });
  const { plan } = planMeasure({ recipe, target, vectors: [{ chat, base }] });
  const [tensor] = plan.tensors;
  if (tensor === undefined) throw new Error("nothing to measure");
  return inspectTensor(tensor, 0, sources, new AbortController().signal);
}

const valueAt = (model: number, index: number) => {
  const dtype = dtypes[model] ?? "F32";
  const entry = models[model]?.tensors[0];
  const bytes = sources[model]?.[0]?.bytes ?? new Uint8Array();
  return decodeElement(dtype, readBits(elementsOf(dtype, bytes, entry?.byteOffset ?? 0, 37 * 41), index));
};

describe("a tensor looked at once more", () => {
  test("has the norm of every row", async () => {
    const { rowNorms } = await inspected();
    expect(rowNorms).toHaveLength(37);
    for (const row of [0, 1, 20, 36]) {
      let sum = 0;
      for (let column = 0; column < 41; column++)
        sum += (valueAt(1, row * 41 + column) - valueAt(2, row * 41 + column)) ** 2;
      expect(rowNorms[row]).toBeCloseTo(Math.sqrt(sum), 10);
    }
  });

  test("counts every value of every model once", async () => {
    const { values } = await inspected();
    expect(values.map(({ role }) => role)).toEqual(["target", "chat", "base"]);
    for (const { counts } of values) expect(counts.reduce((sum, count) => sum + count)).toBe(37 * 41);
    const [histogram] = values;
    if (histogram === undefined) throw new Error("no histogram");
    const expected = new Array(64).fill(0);
    for (let i = 0; i < 37 * 41; i++) expected[Math.floor((valueAt(0, i) - histogram.least) / histogram.width)]++;
    expect(histogram.counts).toEqual(expected);
  });
});
