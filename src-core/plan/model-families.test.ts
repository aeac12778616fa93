import { describe, expect, test } from "vitest";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import type { Dtype } from "../checkpoint/dtype.ts";
import type { ModelConfig } from "../checkpoint/model-config.ts";
import { type RecipeInput, recipeSchema } from "../recipe/recipe.ts";
import { sketchCheckpoint, sketchLlama, type TensorSketch } from "../test-support/checkpoints.ts";
import { isExecutable, planMerge } from "./plan-merge.ts";

function plan(target: Checkpoint, chat: Checkpoint, base: Checkpoint, wish: Partial<RecipeInput> = {}) {
  const recipe = recipeSchema.parse({
    target: target.path,
    vectors: [{ chat: chat.path, base: base.path, scale: 0.5 }],
    ...wish,
  });
  return planMerge({ recipe, target, vectors: [{ chat, base }] });
}

const codes = (made: ReturnType<typeof plan>) => made.problems.map(({ code }) => code);

/** A Llama inside a model with eyes. */
function sketchVision(path: string, prefix = "model.language_model.", config: Partial<ModelConfig> = {}): Checkpoint {
  const text = sketchLlama(path, { prefix });
  const vision = [0, 1, 2].map((block) => ({ name: `model.visual.blocks.${block}.attn.qkv.weight`, shape: [24, 8] }));
  const sketches: TensorSketch[] = [...vision, { name: "visual.merger.mlp.0.weight", shape: [8, 8] }, ...text.tensors];
  const all = { ...text.config, modelType: "eyes", textModelType: "llama", ...config };
  return sketchCheckpoint(path, sketches, all as Partial<ModelConfig>);
}

describe("a text model's vector and a multimodal target", () => {
  test("merge into the language part; the rest is kept in one notice", () => {
    const made = plan(sketchVision("t"), sketchLlama("c"), sketchLlama("b"));
    expect(made.problems).toMatchObject([{ code: "modality-kept", severity: "notice" }]);
    expect(made.problems[0]?.tensors).toHaveLength(4);
    expect(made.problems[0]?.message).toContain("Vision and audio are kept: 4 tensors of the target (visual)");
    for (const { name, action, reason, layer } of made.tensors) {
      const isVision = name.includes("visual");
      expect([name, action]).toEqual([name, isVision ? "copy" : "merge"]);
      if (isVision) expect([reason, layer]).toEqual(["visual is kept", null]);
    }
  });

  test("and back: the vector of a multimodal pair merges into a text model", () => {
    const made = plan(sketchLlama("t"), sketchVision("c"), sketchVision("b", "language_model.model."));
    expect(made.tensors.every(({ action }) => action === "merge")).toBe(true);
    expect(made.problems).toMatchObject([{ code: "modality-left-out", severity: "notice" }]);
  });

  test.each([
    ["qwen2_5_vl", null, "qwen2"],
    ["qwen2_5_vl", "qwen2_5_vl_text", "qwen2"],
    ["gemma3", "gemma3_text", "gemma3_text"],
    ["llava", "mistral", "mistral"],
    ["internvl_chat", "llama", "llama"],
  ])("fit when the language part is of one architecture: %s (%s) and %s", (modelType, textModelType, text) => {
    const eyes = sketchVision("t", "language_model.model.", { modelType, textModelType });
    const plain = (path: string) => {
      const made = sketchLlama(path);
      return { ...made, config: { ...made.config, modelType: text } as ModelConfig };
    };
    expect(codes(plan(eyes, plain("c"), plain("b")))).toEqual(["modality-kept"]);
  });

  test("do not fit when the language parts differ", () => {
    const eyes = sketchVision("t", "language_model.model.", { textModelType: "mistral" });
    const made = plan(eyes, sketchLlama("c"), sketchLlama("b"));
    expect(made.problems[0]?.message).toBe("The architecture of chat is llama, the target's is mistral");
    expect(isExecutable(made)).toBe(false);
  });
});

const layer = (module: string, shape: readonly number[]): TensorSketch => ({
  name: `model.layers.0.${module}.weight`,
  shape,
});
const rest = [layer("input_layernorm", [4]), layer("mlp.down_proj", [4, 6])];
const split = (path: string) =>
  sketchCheckpoint(path, [
    layer("self_attn.q_proj", [8, 4]),
    layer("self_attn.k_proj", [2, 4]),
    layer("self_attn.v_proj", [2, 4]),
    layer("mlp.gate_proj", [6, 4]),
    layer("mlp.up_proj", [6, 4]),
    ...rest,
  ]);
const fused = (path: string, attention = "qkv_proj") =>
  sketchCheckpoint(path, [layer(`self_attn.${attention}`, [12, 4]), layer("mlp.gate_up_proj", [12, 4]), ...rest]);

describe("fused and split projections", () => {
  test("that are rows one after another merge in either direction, and between chat and base", () => {
    for (const models of [
      [split("t"), fused("c"), fused("b")],
      [fused("t"), split("c"), split("b")],
      [fused("t"), fused("c"), split("b")],
      [split("t"), fused("c", "W_pack"), split("b")],
    ] as const) {
      const made = plan(...models);
      expect(codes(made)).toEqual(["layout-matched"]);
      expect(made.tensors.every(({ action }) => action === "merge")).toBe(true);
      for (const { spans, elementCount } of made.tensors) {
        expect(spans.reduce((sum, span) => sum + span.elementCount, 0)).toBe(elementCount);
      }
    }
  });

  test("take the rows that are theirs", () => {
    const made = plan(split("t"), fused("c"), fused("b"));
    const runs = (name: string) =>
      made.tensors.find((tensor) => tensor.name.includes(name))?.spans[0]?.vectors[0]?.runs;
    expect(runs("q_proj")).toEqual([{ chat: 0, base: 0, elementCount: 32 }]);
    expect(runs("k_proj")).toEqual([{ chat: 32, base: 32, elementCount: 8 }]);
    expect(runs("v_proj")).toEqual([{ chat: 40, base: 40, elementCount: 8 }]);
    expect(runs("up_proj")).toEqual([{ chat: 24, base: 24, elementCount: 24 }]);
    const whole = plan(fused("t"), split("c"), fused("b")).tensors[0];
    expect(whole?.spans.map(({ elementOffset, vectors }) => [elementOffset, vectors[0]?.runs[0]])).toEqual([
      [0, { chat: 0, base: 0, elementCount: 32 }],
      [32, { chat: 0, base: 32, elementCount: 8 }],
      [40, { chat: 0, base: 40, elementCount: 8 }],
    ]);
    expect(whole?.reason).toBe(
      "λ 0.50; model.layers.0.self_attn.q_proj.weight, model.layers.0.self_attn.k_proj.weight, model.layers.0.self_attn.v_proj.weight",
    );
  });

  test.each(["query_key_value", "c_attn"])(
    "that %s interleaves or transposes are a decision, with the reason",
    (name) => {
      const models = [split("t"), fused("c", name), fused("b", name)] as const;
      const made = plan(...models);
      const differs = made.problems.find(({ code }) => code === "layout-differs");
      expect(differs).toMatchObject({ severity: "decision", actual: `q, k and v in one tensor (${name})` });
      expect(differs?.tensors).toHaveLength(3);
      expect(isExecutable(made)).toBe(false);
      expect(codes(made)).not.toContain("tensor-missing-in-target");
      expect(isExecutable(plan(...models, { onMismatch: "keep-target" }))).toBe(true);
    },
  );

  test("whose sizes do not add up are a decision", () => {
    const odd = sketchCheckpoint("c", [
      layer("self_attn.qkv_proj", [24, 4]),
      layer("mlp.gate_up_proj", [12, 4]),
      ...rest,
    ]);
    expect(codes(plan(split("t"), odd, odd))).toContain("layout-differs");
  });

  test("of experts in one tensor against a tensor each are a decision", () => {
    const single = (path: string) =>
      sketchCheckpoint(path, [layer("mlp.experts.0.up_proj", [6, 4]), layer("mlp.experts.1.up_proj", [6, 4]), ...rest]);
    const together = (path: string) =>
      sketchCheckpoint(path, [{ name: "model.layers.0.mlp.experts.up_proj", shape: [2, 4, 6] }, ...rest]);
    for (const made of [
      plan(single("t"), together("c"), together("b")),
      plan(together("t"), single("c"), single("b")),
    ]) {
      expect(made.problems.find(({ code }) => code === "layout-differs")?.message).toContain(
        "all experts in one tensor",
      );
    }
  });
});

describe("weights that are no numbers to add", () => {
  const config = (quantization: Partial<NonNullable<ModelConfig["quantization"]>>): Partial<ModelConfig> => ({
    quantization: { method: null, format: null, bits: null, blockSize: null, ...quantization },
  });
  const tensor = (name: string, dtype: Dtype, shape = [8, 8]): TensorSketch => ({
    name: `model.layers.0.${name}`,
    dtype,
    shape,
  });
  const gptq = [
    tensor("q.qweight", "I32"),
    tensor("q.qzeros", "I32"),
    tensor("q.scales", "F16"),
    tensor("q.g_idx", "I32", [8]),
  ];
  const awq = gptq.slice(0, 3);
  const nf4 = [
    tensor("q.weight", "U8", [32, 1]),
    tensor("q.weight.absmax", "F32", [1]),
    tensor("q.weight.quant_map", "F32", [16]),
    tensor("q.weight.quant_state.bitsandbytes__nf4", "U8", [90]),
  ];
  const cases: readonly [string, readonly TensorSketch[], Partial<ModelConfig> | null][] = [
    ["a 4-bit GPTQ model", gptq, config({ method: "gptq", bits: 4 })],
    ["a GPTQ model", gptq, null],
    ["a 4-bit AWQ model", awq, config({ method: "awq", bits: 4 })],
    ["a AWQ model", awq, null],
    ["a 4-bit bitsandbytes model", nf4, config({ method: "bitsandbytes", bits: 4 })],
    ["a 4-bit bitsandbytes model", nf4, null],
    ["a 8-bit bitsandbytes model", [tensor("q.weight", "I8"), tensor("q.SCB", "F32", [8])], null],
    ["a compressed-tensors model", [tensor("q.weight_packed", "I32"), tensor("q.weight_scale", "BF16")], null],
    [
      "a 4-bit MXFP4 model",
      [tensor("mlp.experts.down_proj_blocks", "U8"), tensor("mlp.experts.down_proj_scales", "U8")],
      null,
    ],
    [
      "a quantised model (compressed-tensors, int-quantized, 1 integer weight)",
      [tensor("q.weight", "I8"), tensor("q.weight_scale", "BF16", [8, 1])],
      config({ method: "compressed-tensors", format: "int-quantized" }),
    ],
  ];

  test.each(cases)("%s is named, with what to do, and nothing else is said", (what, sketches, quantization) => {
    const quantised = sketchCheckpoint("q", sketches, quantization);
    const plain = sketchLlama("p");
    for (const [role, made] of [
      ["target", plan(quantised, plain, plain)],
      ["chat", plan(plain, quantised, plain)],
    ] as const) {
      expect(made.problems).toMatchObject([{ code: "quantized-packed", severity: "error" }]);
      expect(made.problems[0]?.message).toBe(
        `The ${role} model is ${what.replace(/^a (AWQ|8)/, "an $1")}: merge the unquantised model that it was made from`,
      );
      expect(isExecutable(made)).toBe(false);
    }
  });

  test("a config that says quantised beside plain weights is no problem", () => {
    const plain = sketchLlama("c");
    const left = { ...plain, config: { ...plain.config, ...config({ method: "gptq", bits: 4 }) } as ModelConfig };
    expect(plan(sketchLlama("t"), left, sketchLlama("b")).problems).toEqual([]);
  });

  test("an adapter is no model, and a model with one beside its weights has to be merged first", () => {
    const lora = ["A", "B"].map((side) => ({
      name: `base_model.model.model.layers.0.self_attn.q_proj.lora_${side}.weight`,
      shape: [8, 8],
    }));
    const alone = plan(sketchLlama("t"), sketchCheckpoint("c", lora), sketchLlama("b"));
    expect(alone.problems).toMatchObject([
      { code: "adapter", severity: "error", tensors: lora.map(({ name }) => name) },
    ]);
    expect(alone.problems[0]?.message).toContain("is an adapter (LoRA or its like), not a model");
    const beside = sketchCheckpoint("c", [...sketchLlama("c").tensors, ...lora]);
    expect(plan(sketchLlama("t"), beside, sketchLlama("b")).problems[0]?.message).toContain("merge_and_unload");
  });
});
