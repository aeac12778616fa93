import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { StudioError } from "../../errors.ts";
import { scaleOfTensor } from "../scale.ts";
import { parseMergekit } from "./import-mergekit.ts";

/** mergekit's own shapes, as JSON (which is YAML). */
type Value = number | readonly number[];
type Setting = Value | readonly { readonly filter?: string; readonly value: Value }[];
type Parameters = Readonly<Record<string, Setting>>;
interface Source {
  readonly model: string;
  readonly layer_range: readonly [number, number];
  readonly parameters: Parameters;
}
interface Slice {
  readonly sources: readonly Source[];
  readonly parameters: Parameters;
}

/** The value of a setting for a tensor at a depth; undefined where no condition fits. */
function evaluate(name: string, setting: Setting, depth: number): number | undefined {
  if (typeof setting === "number") return setting;
  if (setting.every((item) => typeof item === "number")) {
    const position = depth * (setting.length - 1);
    const low = Math.trunc(position);
    const high = Math.min(low + 1, setting.length - 1);
    return (1 - (position - low)) * (setting[low] ?? 0) + (position - low) * (setting[high] ?? 0);
  }
  const fitting = setting.find(
    (item) =>
      typeof item === "object" && (item.filter === undefined || item.filter === "*" || name.includes(item.filter)),
  );
  return typeof fitting === "object" && "value" in fitting ? evaluate(name, fitting.value, depth) : undefined;
}

function parameter(key: string, levels: readonly Parameters[], name: string, depth: number): number | undefined {
  for (const level of levels) {
    const setting = level[key];
    const value = setting === undefined ? undefined : evaluate(name, setting, depth);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** What each model weighs in a tensor; null where mergekit stops for want of a weight. */
function modelWeights(slice: Slice, top: Parameters, name: string, depth: number): ReadonlyMap<string, number> | null {
  const outer = [slice.parameters, top];
  const weights = new Map<string, number>();
  for (const { model } of slice.sources.filter((source) => source.model !== "base")) {
    const own = slice.sources.filter((source) => source.model === model).map(({ parameters }) => parameters);
    const weight = parameter("weight", [...own, ...outer], name, depth);
    if (weight === undefined) return null;
    weights.set(model, weight);
  }
  const sum = [...weights.values()].reduce((total, weight) => total + weight, 0);
  const isNormalized = (parameter("normalize", outer, name, depth) ?? 0) !== 0;
  const divisor = isNormalized && Math.abs(sum) >= 1e-8 ? sum : 1;
  const factor = parameter("lambda", outer, name, depth) ?? 1;
  return new Map([...weights].map(([model, weight]) => [model, (weight / divisor) * factor]));
}

interface Tensor {
  readonly name: string;
  readonly layer: number | null;
  readonly slice: number;
  readonly depth: number;
}

/** A Llama's tensors with the slice and the depth that mergekit plans each with. */
function tensorsOf(slices: readonly Slice[]): Tensor[] {
  const before = { name: "model.embed_tokens.weight", layer: null, slice: 0, depth: 0 };
  const behind = ["model.norm.weight", "lm_head.weight"].map((name) => ({
    name,
    layer: null,
    slice: slices.length - 1,
    depth: 0,
  }));
  const inside = slices.flatMap(({ sources: [first] }, slice) => {
    const [from, to] = first?.layer_range ?? [0, 0];
    return Array.from({ length: to - from }, (_, index) =>
      ["self_attn.q_proj", "mlp.up_proj", "input_layernorm"].map((module) => ({
        name: `model.layers.${from + index}.${module}.weight`,
        layer: from + index,
        slice,
        depth: to - from > 1 ? index / (to - from - 1) : 1,
      })),
    ).flat();
  });
  return [before, ...inside, ...behind];
}

const number = fc.oneof(
  fc.constantFrom(0, 1, -0.5, 0.5, 0.3),
  fc.double({ min: -2, max: 2, noNaN: true }).map((each) => each + 0),
);
const value: fc.Arbitrary<Value> = fc.oneof(number, fc.array(number, { minLength: 1, maxLength: 4 }));
const filter = fc.constantFrom("mlp", "self_attn", "norm", "layers.1", "proj", "e", "*", "q_proj.w", "lm_head");
const setting: fc.Arbitrary<Setting> = fc.oneof(
  { weight: 2, arbitrary: value },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.array(fc.record({ filter, value }), { maxLength: 2 }), value)
      .map(([list, last]) => [...list, { value: last }]),
  },
);
const parametersOf = (keys: readonly string[]) =>
  fc.record(Object.fromEntries(keys.map((key) => [key, setting])), { requiredKeys: [] }) as fc.Arbitrary<Parameters>;
const configs = fc
  .record({
    lengths: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 2 }),
    models: fc.subarray(["a", "b", "c"], { minLength: 1 }),
    top: parametersOf(["lambda"]),
    weight: setting,
    normalize: fc.option(fc.constantFrom(0, 1), { nil: undefined }),
    own: fc.array(parametersOf(["weight"]), { minLength: 6, maxLength: 6 }),
    ofSlices: fc.array(parametersOf(["weight", "lambda"]), { minLength: 2, maxLength: 2 }),
  })
  .map(({ lengths, models, top, weight, normalize, own, ofSlices }) => {
    let from = 0;
    const slices = lengths.map((length, index): Slice => {
      const range = [from, from + length] as const;
      from += length;
      const sources = ["base", ...models].map((model, at) => ({
        model,
        layer_range: range,
        parameters: model === "base" ? {} : (own[index * 3 + at - 1] ?? {}),
      }));
      return { sources, parameters: ofSlices[index] ?? {} };
    });
    const parameters = { ...top, weight, ...(normalize === undefined ? {} : { normalize }) };
    return { merge_method: "task_arithmetic", base_model: "base", slices, parameters, tokenizer_source: "base" };
  });

describe("the recipe of any mergekit file", () => {
  test("gives every tensor the λ that mergekit's rules give it, as an f32", () => {
    let read = 0;
    fc.assert(
      fc.property(configs, (config) => {
        const layerCount = config.slices.reduce(
          (sum, { sources: [first] }) => sum + (first?.layer_range[1] ?? 0) - (first?.layer_range[0] ?? 0),
          0,
        );
        const imported = attempt(() => parseMergekit(JSON.stringify(config), "merge.yaml", { layerCount }));
        if (imported === null) return;
        read++;
        for (const { name, layer, slice: index, depth } of tensorsOf(config.slices)) {
          const slice = config.slices[index];
          const wanted = slice === undefined ? null : modelWeights(slice, config.parameters, name, depth);
          for (const vector of imported.recipe.vectors) {
            const { scale } = scaleOfTensor(vector, [name, name.replace(/^model\./, "")], layer, layerCount);
            const expected = Math.fround(wanted?.get(vector.chat) ?? 0);
            expect(scale, `${vector.chat} in ${name}`).toBe(Math.abs(expected) < 2 ** -32 ? 0 : expected);
          }
        }
      }),
      { numRuns: 400, seed: 11 },
    );
    expect(read).toBeGreaterThan(300);
  });
});

/** Null where a recipe cannot say it: filters of three parameters at once, mostly. */
function attempt<Result>(run: () => Result): Result | null {
  try {
    return run();
  } catch (error) {
    if (error instanceof StudioError && error.failure.code === "recipe-inexpressible") return null;
    throw error;
  }
}
