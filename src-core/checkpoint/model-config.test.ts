import { describe, expect, it } from "vitest";
import { rejectionOf } from "../test-support/failure-of.ts";
import { parseModelConfig } from "./model-config.ts";

const parse = (config: unknown) => parseModelConfig(JSON.stringify(config), "/model/config.json");

describe("a model's config", () => {
  it.each([
    [
      "Llama",
      {
        architectures: ["LlamaForCausalLM"],
        model_type: "llama",
        hidden_size: 4096,
        num_hidden_layers: 32,
        vocab_size: 32000,
        tie_word_embeddings: false,
        torch_dtype: "float16",
      },
      ["LlamaForCausalLM", "llama", null, 4096, 32, 32000, false, "float16", null],
    ],
    [
      "a newer Qwen, which says dtype",
      {
        architectures: ["Qwen3ForCausalLM"],
        model_type: "qwen3",
        hidden_size: 1024,
        num_hidden_layers: 28,
        vocab_size: 151936,
        tie_word_embeddings: true,
        dtype: "bfloat16",
      },
      ["Qwen3ForCausalLM", "qwen3", null, 1024, 28, 151936, true, "bfloat16", null],
    ],
    [
      "GPT-2",
      {
        architectures: ["GPT2LMHeadModel"],
        model_type: "gpt2",
        n_embd: 768,
        n_layer: 12,
        n_ctx: 1024,
        vocab_size: 50257,
      },
      ["GPT2LMHeadModel", "gpt2", null, 768, 12, 50257, null, null, null],
    ],
    [
      "GPT-NeoX",
      {
        architectures: ["GPTNeoXForCausalLM"],
        model_type: "gpt_neox",
        hidden_size: 512,
        num_hidden_layers: 6,
        vocab_size: 50304,
        tie_word_embeddings: false,
        torch_dtype: "torch.float16",
      },
      ["GPTNeoXForCausalLM", "gpt_neox", null, 512, 6, 50304, false, "float16", null],
    ],
    [
      "BERT",
      {
        architectures: ["BertForMaskedLM"],
        model_type: "bert",
        hidden_size: 768,
        num_hidden_layers: 12,
        vocab_size: 30522,
      },
      ["BertForMaskedLM", "bert", null, 768, 12, 30522, null, null, null],
    ],
    [
      "MPT",
      {
        architectures: ["MPTForCausalLM"],
        model_type: "mpt",
        d_model: 4096,
        n_layers: 32,
        vocab_size: 50432,
        torch_dtype: "bfloat16",
      },
      ["MPTForCausalLM", "mpt", null, 4096, 32, 50432, null, "bfloat16", null],
    ],
    [
      "a multimodal Gemma",
      {
        architectures: ["Gemma3ForConditionalGeneration"],
        model_type: "gemma3",
        text_config: { model_type: "gemma3_text", hidden_size: 2560, num_hidden_layers: 34, vocab_size: 262208 },
        vision_config: { hidden_size: 1152, num_hidden_layers: 27 },
        torch_dtype: "bfloat16",
      },
      ["Gemma3ForConditionalGeneration", "gemma3", "gemma3_text", 2560, 34, 262208, null, "bfloat16", null],
    ],
    [
      "a model nested twice",
      {
        architectures: ["Qwen2_5OmniModel"],
        model_type: "qwen2_5_omni",
        thinker_config: {
          text_config: { hidden_size: 3584, num_hidden_layers: 28, vocab_size: 152064, tie_word_embeddings: false },
        },
      },
      ["Qwen2_5OmniModel", "qwen2_5_omni", null, 3584, 28, 152064, false, null, null],
    ],
  ])("is understood for %s", (_, config, expected) => {
    expect(Object.values(parse(config)).slice(0, expected.length)).toEqual(expected);
  });

  it("leaves open what it does not say, or says in another kind", () => {
    const nothing = {
      architecture: null,
      modelType: null,
      textModelType: null,
      hiddenSize: null,
      layerCount: null,
      vocabularySize: null,
      tieWordEmbeddings: null,
      torchDtype: null,
      nameOrPath: null,
      quantization: null,
    };
    expect(parse({})).toEqual(nothing);
    const odd = {
      architectures: [],
      model_type: 7,
      hidden_size: "4096",
      num_hidden_layers: -1,
      vocab_size: 1.5,
      tie_word_embeddings: 1,
      dtype: {},
      text_config: [],
    };
    expect(parse(odd)).toEqual(nothing);
  });

  it("takes the language model's sizes, which stand further in than copies of other ones", () => {
    const config = { vocab_size: 257152, hidden_size: 2048, text_config: { vocab_size: 257216, hidden_size: 2304 } };
    expect(parse(config)).toMatchObject({ vocabularySize: 257216, hiddenSize: 2304 });
  });

  it.each([
    [
      { quant_method: "gptq", bits: 4 },
      { method: "gptq", bits: 4 },
    ],
    [
      { quant_method: "bitsandbytes", load_in_8bit: true },
      { method: "bitsandbytes", bits: 8 },
    ],
    [
      { quant_method: "fp8", weight_block_size: [128, 64] },
      { method: "fp8", blockSize: [128, 64] },
    ],
    [{ quant_method: "compressed-tensors", format: "pack-quantized" }, { format: "pack-quantized" }],
    [
      { quant_method: 3, bits: -1, weight_block_size: [0] },
      { method: null, bits: null, blockSize: null },
    ],
  ])("says how weights are quantised: %j", (quantization, expected) => {
    expect(parse({ quantization_config: quantization }).quantization).toMatchObject(expected);
    expect(parse({ text_config: { quantization_config: quantization } }).quantization).toMatchObject(expected);
  });

  it("may hold the numbers that Python writes and JSON lacks", () => {
    const text =
      '{"time_step_limit": [0.0, Infinity], "x": -Infinity, "y": NaN, "note": "NaN \\" Infinity", "hidden_size": 8}';
    expect(parseModelConfig(text, "config.json").hiddenSize).toBe(8);
  });

  it.each([
    ["no JSON", "hello"],
    ["empty", ""],
    ["cut", '{"hidden_size": 40'],
    ["a list", "[]"],
    ["null", "null"],
    ["a string", '"NaN"'],
  ])("is refused when it is %s", async (_, text) => {
    const failure = await rejectionOf(() => parseModelConfig(text, "/model/config.json"));
    expect(failure).toMatchObject({ code: "config-invalid", where: "/model/config.json", expected: "a JSON object" });
    expect(failure.actual).toBeTruthy();
  });
});
