import { describe, expect, test } from "vitest";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { type RecipeInput, recipeSchema } from "../recipe/recipe.ts";
import { sketchCheckpoint, sketchLlama } from "../test-support/checkpoints.ts";
import type { MergePlan } from "./merge-plan.ts";
import { isExecutable, planMerge } from "./plan-merge.ts";

type Wish = Partial<Omit<RecipeInput, "vectors">> & { readonly vector?: Partial<RecipeInput["vectors"][number]> };

function plan(target: Checkpoint, chat: Checkpoint, base: Checkpoint, { vector, ...wish }: Wish = {}): MergePlan {
  const recipe = recipeSchema.parse({
    target: target.path,
    vectors: [{ chat: chat.path, base: base.path, scale: 0.8, ...vector }],
    ...wish,
  });
  return planMerge({ recipe, target, vectors: [{ chat, base }] });
}

function tensorOf(made: MergePlan, name: string) {
  const found = made.tensors.find((tensor) => tensor.name === name);
  if (found === undefined) throw new Error(`no ${name} in the plan`);
  return found;
}

const codes = (made: MergePlan) => made.problems.map(({ code }) => code);

describe("a plan for three models of one shape", () => {
  const made = plan(sketchLlama("ko"), sketchLlama("chat"), sketchLlama("base"));

  test("merges every tensor with λ and has no problem", () => {
    expect(made.tensors.every(({ action }) => action === "merge")).toBe(true);
    expect(made.problems).toEqual([]);
    expect(isExecutable(made)).toBe(true);
    expect(tensorOf(made, "lm_head.weight").spans[0]?.vectors[0]?.scale).toBe(Math.fround(0.8));
  });

  test("lays tensors out without holes, in the target's order", () => {
    const [file] = made.output.files;
    let end = 8 + (file?.headerJson.length ?? 0);
    for (const { output } of made.tensors) {
      expect(output.byteOffset).toBe(end);
      end += output.byteLength;
    }
    expect(end).toBe(file?.byteLength);
    expect(made.output.indexJson).toBeNull();
  });

  test("is plain data", () => {
    expect(structuredClone(made)).toEqual(made);
    expect(JSON.parse(JSON.stringify(made))).toEqual(JSON.parse(JSON.stringify(structuredClone(made))));
  });
});

describe("λ", () => {
  test("0 copies the target and is no problem", () => {
    const made = plan(sketchLlama("ko"), sketchLlama("chat"), sketchLlama("base"), { vector: { scale: 0 } });
    expect(made.tensors.every(({ action, reason }) => action === "copy" && reason === "λ 0")).toBe(true);
    expect(isExecutable(made)).toBe(true);
  });

  test("follows the curve over the layers and stays plain outside them", () => {
    const made = plan(sketchLlama("ko"), sketchLlama("chat"), sketchLlama("base"), {
      vector: { scale: 1, curve: [0.5, 2] },
    });
    const scale = (name: string) => tensorOf(made, name).spans[0]?.vectors[0]?.scale;
    expect(scale("model.layers.0.mlp.down_proj.weight")).toBe(0.5);
    expect(scale("model.layers.1.mlp.down_proj.weight")).toBe(2);
    expect(scale("model.norm.weight")).toBe(1);
  });

  test("is the first matching rule's, which replaces scale and curve", () => {
    const rules = [
      { tensors: "*layernorm.weight", scale: 0 },
      { tensors: "layers.1.*", scale: -3 },
    ];
    const made = plan(sketchLlama("ko"), sketchLlama("chat"), sketchLlama("base"), { vector: { curve: [9], rules } });
    expect(tensorOf(made, "model.layers.1.input_layernorm.weight").action).toBe("copy");
    expect(tensorOf(made, "model.layers.1.mlp.down_proj.weight").spans[0]?.vectors[0]?.scale).toBe(-3);
    expect(tensorOf(made, "model.norm.weight").spans[0]?.vectors[0]?.scale).toBe(Math.fround(0.8));
  });
});

describe("names", () => {
  test("align without the prefixes of wrapping classes", () => {
    const made = plan(
      sketchLlama("ko"),
      sketchLlama("chat", { prefix: "" }),
      sketchLlama("base", { prefix: "language_model.model." }),
    );
    expect(made.tensors.every(({ action }) => action === "merge")).toBe(true);
  });

  test("that two tensors share without their prefix are no guess: nothing is written until the user keeps the target's", () => {
    const one = (path: string) => sketchCheckpoint(path, [{ name: "model.x.weight", shape: [4] }]);
    const two = (path: string) =>
      sketchCheckpoint(path, [
        { name: "x.weight", shape: [4] },
        { name: "transformer.x.weight", shape: [4] },
      ]);
    const made = plan(one("t"), two("c"), one("b"));
    expect(made.problems).toMatchObject([
      { code: "name-ambiguous", severity: "decision", actual: "x.weight and transformer.x.weight in chat" },
      { code: "nothing-to-merge" },
    ]);
    const mirrored = plan(two("t"), one("c"), one("b"));
    expect(codes(mirrored)).toContain("name-ambiguous");
    expect(mirrored.tensors.map(({ action }) => action)).toEqual(["copy", "copy"]);
    const exact = plan(two("t"), two("c"), two("b"));
    expect(exact.problems).toEqual([]);
  });

  test.each([
    "_orig_mod.model.",
    "module._orig_mod.model.",
    "base_model.model.model.",
    "model._fsdp_wrapped_module.",
    "model.language_model.",
    "language_model.",
    "thinker.model.",
    "llm.model.",
    "model.text_model.",
    "transformer.",
  ])("align with the prefix %s", (prefix) => {
    for (const models of [
      [sketchLlama("ko"), sketchLlama("chat", { prefix }), sketchLlama("base")],
      [sketchLlama("ko", { prefix }), sketchLlama("chat"), sketchLlama("base")],
    ] as const) {
      const made = plan(...models);
      expect(made.problems).toEqual([]);
      expect(made.tensors.every(({ action }) => action === "merge")).toBe(true);
    }
  });

  test("align where single modules are wrapped", () => {
    const sketch = (path: string, name: string) => sketchCheckpoint(path, [{ name, shape: [4] }]);
    const made = plan(
      sketch("t", "model.layers.0._checkpoint_wrapped_module._orig_mod.mlp.up_proj.weight"),
      sketch("c", "layers.0.mlp.up_proj.weight"),
      sketch("b", "layers.0.mlp._orig_mod.up_proj.weight"),
    );
    expect(made.tensors).toMatchObject([{ action: "merge", layer: 0 }]);
  });
});

describe("tensors that not all models have", () => {
  const extra = (path: string) =>
    sketchCheckpoint(path, [
      { name: "a.weight", shape: [4] },
      { name: "b.weight", shape: [4] },
    ]);
  const plain = (path: string) => sketchCheckpoint(path, [{ name: "a.weight", shape: [4] }]);

  test("only in the target: kept and listed", () => {
    const made = plan(extra("t"), plain("c"), plain("b"));
    expect(tensorOf(made, "b.weight")).toMatchObject({ action: "copy", reason: "only in the target" });
    expect(made.problems).toMatchObject([{ code: "tensor-only-in-target", severity: "notice", tensors: ["b.weight"] }]);
  });

  test("missing in chat, or in base: kept and listed", () => {
    expect(codes(plan(extra("t"), plain("c"), extra("b")))).toEqual(["tensor-missing-in-chat"]);
    expect(codes(plan(extra("t"), extra("c"), plain("b")))).toEqual(["tensor-missing-in-base"]);
  });

  test("in chat and base but not in the target: listed", () => {
    const made = plan(plain("t"), extra("c"), extra("b"));
    expect(made.problems).toMatchObject([{ code: "tensor-missing-in-target", tensors: ["b.weight"] }]);
    expect(isExecutable(made)).toBe(true);
  });

  test("a head that a tied target lacks is recognised", () => {
    const made = plan(sketchLlama("ko", { tied: true }), sketchLlama("chat"), sketchLlama("base"));
    expect(codes(made)).toEqual(["tied-head"]);
  });

  test("an untied target's head gets the change of the embedding that stands for tied models' heads", () => {
    const made = plan(sketchLlama("ko"), sketchLlama("chat", { tied: true }), sketchLlama("base", { tied: true }));
    const head = tensorOf(made, "lm_head.weight").spans[0]?.vectors[0];
    const embedding = tensorOf(made, "model.embed_tokens.weight").spans[0]?.vectors[0];
    expect(head?.chat).toEqual(embedding?.chat);
    expect(made.problems).toEqual([]);
  });

  test("a chat model that is its own base is an error, and beside other vectors a notice", () => {
    const [target, chat, base] = [sketchLlama("ko"), sketchLlama("chat"), sketchLlama("base")];
    const alone = plan(target, base, base);
    expect(alone.problems).toMatchObject([{ code: "vector-empty", severity: "error" }]);
    expect(isExecutable(alone)).toBe(false);
    const vectors = [chat, base].map((each, index) => ({ name: `v${index}`, chat: each.path, base: base.path }));
    const recipe = recipeSchema.parse({ target: target.path, vectors });
    const beside = planMerge({ recipe, target, vectors: [chat, base].map((each) => ({ chat: each, base })) });
    expect(beside.problems).toMatchObject([{ code: "vector-empty", severity: "notice" }]);
    expect(beside.problems[0]?.message).toContain("Chat and base of v1 are the same model");
    expect(isExecutable(beside)).toBe(true);
  });

  test("nothing in common is an error", () => {
    const made = plan(plain("t"), sketchLlama("c"), sketchLlama("b"));
    expect(codes(made)).toContain("nothing-to-merge");
    expect(isExecutable(made)).toBe(false);
  });
});

describe("shapes that differ", () => {
  test("in the vocabulary: the target's rows are kept unless first-rows is chosen", () => {
    const models = [sketchLlama("ko", { rows: 40 }), sketchLlama("chat", { rows: 33 }), sketchLlama("base")] as const;
    const kept = plan(...models);
    expect(tensorOf(kept, "lm_head.weight")).toMatchObject({ action: "copy", reason: "vocabularies differ" });
    expect(kept.problems).toMatchObject([
      { code: "vocabulary-differs", severity: "decision", tensors: ["model.embed_tokens.weight", "lm_head.weight"] },
    ]);
    expect(isExecutable(kept)).toBe(true);

    const first = plan(...models, { vocabulary: "first-rows" });
    const { spans, action } = tensorOf(first, "lm_head.weight");
    expect(action).toBe("merge");
    expect(spans).toMatchObject([
      { elementOffset: 0, elementCount: 32 * 8, vectors: [{ vector: 0 }] },
      { elementOffset: 32 * 8, elementCount: 8 * 8, vectors: [] },
    ]);
    expect(first.problems[0]?.choices?.find(({ selected }) => selected)?.id).toBe("first-rows");
  });

  test("elsewhere: nothing is written until the user keeps the target's", () => {
    const models = ["t", "c", "b"].map((path) =>
      sketchCheckpoint(path, [
        { name: "a.weight", shape: [4] },
        { name: "b.weight", shape: path === "c" ? [2, 4] : [4, 2] },
      ]),
    ) as [Checkpoint, Checkpoint, Checkpoint];
    const undecided = plan(...models);
    expect(isExecutable(undecided)).toBe(false);
    expect(undecided.problems).toMatchObject([
      { code: "shape-differs", expected: "[4, 2]", actual: "chat [2, 4], base [4, 2]" },
    ]);
    const decided = plan(...models, { onMismatch: "keep-target" });
    expect(isExecutable(decided)).toBe(true);
    expect(tensorOf(decided, "b.weight").action).toBe("copy");
  });

  test("different architectures, hidden sizes and layer counts are errors that name both values", () => {
    const other = {
      ...sketchLlama("chat"),
      config: { ...sketchLlama("chat").config, modelType: "mistral", hiddenSize: 16, layerCount: 3 },
    };
    const made = plan(sketchLlama("ko"), other as Checkpoint, sketchLlama("base"));
    expect(codes(made)).toEqual(["architecture-differs", "hidden-size-differs", "layer-count-differs"]);
    expect(made.problems.map(({ message }) => message)).toEqual([
      "The architecture of chat is mistral, the target's is llama",
      "The hidden size of chat is 16, the target's is 8",
      "The number of layers of chat is 3, the target's is 2",
    ]);
    expect(isExecutable(made)).toBe(false);
  });
});

describe("dtypes", () => {
  test("integers are copied and listed", () => {
    const models = ["t", "c", "b"].map((path) =>
      sketchCheckpoint(path, [
        { name: "a.weight", shape: [4], dtype: "F32" },
        { name: "steps", shape: [], dtype: "I64" },
      ]),
    ) as [Checkpoint, Checkpoint, Checkpoint];
    const made = plan(...models, { output: { dtype: "BF16" } });
    expect(tensorOf(made, "steps")).toMatchObject({ action: "copy", output: { dtype: "I64", byteLength: 8 } });
    expect(made.problems).toMatchObject([{ code: "dtype-copied", tensors: ["steps"] }]);
    expect(tensorOf(made, "a.weight").output).toMatchObject({ dtype: "BF16", byteLength: 8 });
  });

  test("wider elements come first inside a shard, so that all stay aligned", () => {
    const models = ["t", "c", "b"].map((path) =>
      sketchCheckpoint(path, [
        { name: "flags", shape: [3], dtype: "BOOL" },
        { name: "half", shape: [3], dtype: "F16" },
        { name: "single", shape: [3], dtype: "F32" },
      ]),
    ) as [Checkpoint, Checkpoint, Checkpoint];
    const made = plan(...models);
    const offset = (name: string) => tensorOf(made, name).output.byteOffset;
    expect(offset("single")).toBeLessThan(offset("half"));
    expect(offset("half")).toBeLessThan(offset("flags"));
  });
});

describe("shards", () => {
  test("are filled in order up to their size, a larger tensor alone, and named as the usual tools name them", () => {
    const made = plan(sketchLlama("ko"), sketchLlama("chat"), sketchLlama("base"), { output: { shardBytes: 600 } });
    const names = made.output.files.map(({ name }) => name);
    expect(names).toEqual([
      "model-00001-of-00004.safetensors",
      "model-00002-of-00004.safetensors",
      "model-00003-of-00004.safetensors",
      "model-00004-of-00004.safetensors",
    ]);
    const index = JSON.parse(made.output.indexJson ?? "");
    expect(index.metadata.total_size).toBe(made.tensors.reduce((sum, { output }) => sum + output.byteLength, 0));
    expect(Object.keys(index.weight_map)).toHaveLength(made.tensors.length);
  });
});

describe("sources", () => {
  test("are listed once, however many roles a checkpoint has", () => {
    const base = sketchLlama("base");
    const made = plan(base, sketchLlama("chat"), base);
    expect(made.sources.map(({ checkpoint }) => checkpoint)).toEqual(["base", "chat"]);
  });
});
