import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Recipe, type RecipeInput, recipeSchema } from "../recipe.ts";
import { scaleOfTensor } from "../scale.ts";
import { formatMergekit, type MergekitExport } from "./format-mergekit.ts";
import { parseMergekit } from "./import-mergekit.ts";
import type { NamedTensor } from "./model-weights.ts";

const layerCount = 4;

function tensor(name: string, layer: number | null): NamedTensor {
  return { names: [name, name.replace(/^model\./, "")], layer };
}

const llama: readonly NamedTensor[] = [
  tensor("model.embed_tokens.weight", null),
  ...Array.from({ length: layerCount }, (_, layer) =>
    ["self_attn.q_proj", "self_attn.o_proj", "mlp.up_proj", "input_layernorm"].map((module) =>
      tensor(`model.layers.${layer}.${module}.weight`, layer),
    ),
  ).flat(),
  tensor("model.norm.weight", null),
  tensor("lm_head.weight", null),
];

/** What each model but the target weighs in a tensor, in f32: λ of its vectors, less λ of those that it is the base of. */
function weights(recipe: Recipe, { names, layer }: NamedTensor): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const vector of recipe.vectors) {
    const { scale } = scaleOfTensor(vector, names, layer, layerCount);
    for (const [model, weight] of [
      [vector.chat, scale],
      [vector.base, -scale],
    ] as const) {
      if (model !== recipe.target) sums.set(model, (sums.get(model) ?? 0) + weight);
    }
  }
  return sums;
}

function expectSameWeights(actual: Recipe, expected: Recipe): void {
  for (const each of llama) {
    const [wanted, given] = [weights(expected, each), weights(actual, each)];
    for (const model of new Set([...wanted.keys(), ...given.keys()])) {
      const [a, b] = [wanted.get(model) ?? 0, given.get(model) ?? 0];
      expect(Math.abs(a - b), `${each.names[0]} of ${model}: ${a}, ${b}`).toBeLessThanOrEqual(
        2 ** -21 * Math.abs(a) + 1e-9,
      );
    }
  }
}

function recipe(vectors: RecipeInput["vectors"], more: Partial<RecipeInput> = {}): Recipe {
  return recipeSchema.parse({
    target: "./ko",
    vectors,
    vocabulary: "first-rows",
    output: { chatTemplate: "target" },
    ...more,
  });
}

function textOf(result: MergekitExport): string {
  if ("obstacles" in result) throw new Error(result.obstacles.join("\n"));
  return result.text;
}

function obstaclesOf(result: MergekitExport): readonly string[] {
  return "obstacles" in result ? result.obstacles : [];
}

const chat = { chat: "./chat", base: "./base" };

describe("a recipe as a mergekit file", () => {
  test("weighs chat with λ and base with −λ, for target + λ·(chat − base) is a sum on the target", () => {
    expect(textOf(formatMergekit(recipe([{ ...chat, scale: 0.8 }])))).toBe(
      `merge_method: task_arithmetic
base_model: ./ko
models:
  - model: ./chat
    parameters:
      weight: 0.8
  - model: ./base
    parameters:
      weight: -0.8
`,
    );
  });

  test("adds up what a model of several vectors weighs, and leaves the target out", () => {
    const vectors = [
      { name: "a", chat: "./a", base: "./base", scale: 0.5 },
      { name: "b", chat: "./b", base: "./base", scale: 0.25 },
      { name: "c", chat: "./c", base: "./ko", scale: 1 },
    ];
    const text = textOf(formatMergekit(recipe(vectors)));
    const { recipe: back } = parseMergekit(text, "merge.yaml");
    expect(back.target).toBe("./ko");
    expectSameWeights(back, recipe(vectors));
    expect(text.match(/model: \.\/(a|b|c|base)$/gm)).toHaveLength(4);
    expect(text).toContain("weight: -0.75");
  });

  test("of one base comes back as it went", () => {
    const original = recipe([{ name: "chat", ...chat, scale: 0.8, rules: [{ tensors: "*mlp*", scale: 0.5 }] }], {
      onMismatch: "keep-target",
    });
    const { recipe: back, notes } = parseMergekit(textOf(formatMergekit(original, { tensors: llama })), "merge.yaml");
    expect(back).toEqual(original);
    expect(notes).toEqual([]);
  });

  test("tells layers apart by a filter where the outside takes another λ than the first layer", () => {
    const original = recipe([{ chat: "./chat", base: "./ko", scale: 0.5, curve: [0, 1, 2] }]);
    const text = textOf(formatMergekit(original));
    expect(text).toContain(
      `      weight:
        - filter: layers.
          value: [0, 0.5, 1]
        - value: 0.5
`,
    );
    expectSameWeights(parseMergekit(text, "merge.yaml").recipe, original);
    const outside = recipe([{ chat: "./chat", base: "./ko", scale: 0.5, curve: [0, 1, 2], outside: 0 }]);
    expect(textOf(formatMergekit(outside))).toContain("weight: [0, 0.5, 1]");
  });

  test("computes in float32 whatever it writes, and takes the rest along", () => {
    const original = recipe([chat], {
      vocabulary: "by-token",
      output: { dtype: "BF16", chatTemplate: "chat", shardBytes: 1e9 },
    });
    const result = formatMergekit(original);
    expect(textOf(result)).toContain(
      "dtype: float32\nout_dtype: bfloat16\ntokenizer:\n  source: base\nchat_template: auto\n",
    );
    expect("notes" in result ? result.notes : []).toEqual([
      expect.stringContaining("tokenizer's tokens"),
      expect.stringContaining("shapes differ"),
      expect.stringContaining("chat template"),
      expect.stringContaining("shard size"),
    ]);
  });

  test.each<[string, Recipe, string]>([
    [
      "a glob with a star inside",
      recipe([{ ...chat, rules: [{ tensors: "*layers.*.mlp*", scale: 0 }] }]),
      "layers.*.mlp",
    ],
    ["keeping the target's vocabulary", recipe([chat], { vocabulary: "keep-target" }), "keep-target"],
    ["the chat model's tokenizer", recipe([chat], { output: { tokenizer: "chat" } }), "output.tokenizer"],
    ["chat tokens", recipe([chat], { output: { chatTokens: ["<|im_end|>"] } }), "output.chatTokens"],
    ["no chat template", recipe([chat], { output: { chatTemplate: "none" } }), "output.chatTemplate"],
    ["a folder with a plus", recipe([{ ...chat, chat: "./c+d" }]), "./c+d"],
    ["an id with a revision", recipe([{ ...chat, base: "org/b@main" }]), "org/b@main"],
    ["nothing to add", recipe([{ chat: "./ko", base: "./ko" }]), "nothing is added"],
    [
      "a rule's curve whose outside is another",
      recipe([{ ...chat, rules: [{ tensors: "*norm*", scale: 1, curve: [0, 1], outside: 0.5 }] }]),
      "two filters at once",
    ],
    [
      "rules of two vectors that meet in one model",
      recipe([
        { ...chat, rules: [{ tensors: "*mlp*", scale: 0 }] },
        { name: "b", chat: "./b", base: "./base", rules: [{ tensors: "*up*", scale: 0 }] },
      ]),
      "two filters at once",
    ],
  ])("cannot say %s, and says so", (_, original, part) => {
    const obstacles = obstaclesOf(formatMergekit(original));
    expect(obstacles.length).toBeGreaterThan(0);
    for (const obstacle of obstacles) expect(obstacle).toContain(part);
  });

  test("is checked tensor by tensor where the tensors are known", () => {
    const ends = recipe([{ ...chat, rules: [{ tensors: "*norm.weight", scale: 0 }] }]);
    const assumed = formatMergekit(ends);
    expect("notes" in assumed ? assumed.notes[0] : "").toContain("*norm.weight");
    expectSameWeights(parseMergekit(textOf(formatMergekit(ends, { tensors: llama })), "merge.yaml").recipe, ends);
    const scaled = [...llama, tensor("model.layers.0.q_norm.weight_scale", 0)];
    expect(obstaclesOf(formatMergekit(ends, { tensors: scaled }))).toEqual([
      expect.stringContaining("another λ to model.layers.0.q_norm.weight_scale"),
    ]);
    const final = recipe([{ ...chat, rules: [{ tensors: "norm.weight", scale: 0 }] }]);
    expect(textOf(formatMergekit(final, { tensors: llama }))).toContain("filter: model.norm.weight");
    const gpt2 = [tensor("wte.weight", null), tensor("h.0.mlp.weight", 0), tensor("h.1.mlp.weight", 1)];
    const curved = recipe([{ ...chat, curve: [0, 1] }]);
    expect(textOf(formatMergekit(curved, { tensors: gpt2 }))).toContain("filter: h.");
  });

  test("gives every tensor the recipe's λ, or is none", () => {
    const number = fc.constantFrom(0, 1, -0.5, 0.3, 0.7, 0.1);
    const layered = {
      scale: number,
      curve: fc.option(fc.array(number, { minLength: 1, maxLength: 4 }), { nil: undefined }),
      outside: fc.option(number, { nil: undefined }),
    };
    const tensors = fc.constantFrom(
      "*mlp*",
      "*self_attn*",
      "*norm*",
      "*q_proj*",
      "*layers.1.*",
      "lm_head.weight",
      "*",
      "*norm.weight",
      "*.0.*up*",
    );
    const model = fc.constantFrom("./a", "./b", "./c", "./ko");
    const vectors = fc.array(
      fc.record({
        chat: model,
        base: model,
        ...layered,
        rules: fc.option(fc.array(fc.record({ tensors, ...layered }), { maxLength: 2 }), { nil: undefined }),
      }),
      { minLength: 1, maxLength: 3 },
    );
    let written = 0;
    fc.assert(
      fc.property(vectors, (chosen) => {
        const original = recipe(chosen);
        const result = formatMergekit(original, { tensors: llama });
        if ("obstacles" in result) {
          expect(result.obstacles.length).toBeGreaterThan(0);
          return;
        }
        written++;
        expectSameWeights(parseMergekit(result.text, "merge.yaml", { layerCount }).recipe, original);
      }),
      { numRuns: 600, seed: 4 },
    );
    expect(written).toBeGreaterThan(150);
  });
});
