import { describe, expect, test } from "vitest";
import { encodeUtf8 } from "../checkpoint/utf8.ts";
import { rejectionOf } from "../test-support/failure-of.ts";
import { tokenizerJsonText } from "../test-support/tokenizer-files.ts";
import { editGenerationConfig, editModelConfig, translateGenerationConfig } from "./edit-model-config.ts";
import { parseTokenizerJson } from "./tokenizer-json.ts";

const where = "/model/config.json";

describe("an edited config.json", () => {
  test("has what changed, and all else as it was: floats, NaN, order", () => {
    const text =
      '{\n  "vocab_size": 32000,\n  "rope_theta": 10000.0,\n  "time_step_limit": [\n    0.0,\n    Infinity\n  ],\n  "eos_token_id": 2,\n  "torch_dtype": "float16"\n}\n';
    const changes = { vocabularySize: 32002, eosTokenId: [2, 32001], torchDtype: "bfloat16", tieWordEmbeddings: false };
    expect(editModelConfig(text, where, changes)).toBe(
      '{\n  "vocab_size": 32002,\n  "rope_theta": 10000.0,\n  "time_step_limit": [\n    0.0,\n    Infinity\n  ],\n' +
        '  "eos_token_id": [\n    2,\n    32001\n  ],\n  "torch_dtype": "bfloat16",\n  "tie_word_embeddings": false\n}\n',
    );
    expect(editModelConfig(text, where, {})).toBe(text);
  });

  test("of a multimodal model has its text model's sizes changed, and ids wherever they are", () => {
    const config = {
      eos_token_id: [1, 106],
      text_config: { vocab_size: 262208, eos_token_id: 1 },
      vision_config: { vocab_size: 7 },
    };
    const text = editModelConfig(JSON.stringify(config), where, { vocabularySize: 262210, eosTokenId: 5 });
    expect(JSON.parse(text)).toEqual({
      eos_token_id: 5,
      text_config: { vocab_size: 262210, eos_token_id: 5 },
      vision_config: { vocab_size: 7 },
    });
    const silent = editModelConfig('{"text_config":{"hidden_size":8}}', where, { vocabularySize: 9, bosTokenId: 2 });
    expect(JSON.parse(silent)).toEqual({ text_config: { hidden_size: 8, vocab_size: 9 }, bos_token_id: 2 });
  });

  test("has its dtype under the name that is in use", () => {
    expect(editModelConfig('{"dtype":"float16"}', where, { torchDtype: "float32" })).toBe('{"dtype":"float32"}');
    expect(editModelConfig('{"a":1}', where, { torchDtype: "float32" })).toBe(
      '{"a":1, "torch_dtype": "float32"}'.replace('": "', '":"'),
    );
  });

  test("that is none is refused", async () => {
    expect(await rejectionOf(() => editModelConfig("[]", where, {}))).toMatchObject({ code: "config-invalid" });
  });
});

describe("a generation_config.json", () => {
  test("has other ends of texts", () => {
    expect(
      editGenerationConfig('{"do_sample": true, "eos_token_id": 2}', where, { eosTokenId: [2, 5], padTokenId: null }),
    ).toBe('{"do_sample": true, "eos_token_id": [\n2,\n5\n], "pad_token_id": null}'.replace(/\n/g, ""));
  });

  test("of the chat model is brought over to the output's rows; what the output lacks is taken out and said", () => {
    const vocabulary = (tokens: string[]) =>
      parseTokenizerJson(encodeUtf8(tokenizerJsonText({ tokens })), "tokenizer.json");
    const chat = vocabulary(["<s>", "</s>", "<|im_end|>", "<|gone|>"]);
    const output = vocabulary(["<s>", "▁own", "<|im_end|>", "</s>"]);
    const text =
      '{\n  "bos_token_id": 0,\n  "eos_token_id": [\n    1,\n    2,\n    3\n  ],\n  "pad_token_id": 3,\n  "suppress_tokens": [1],\n  "temperature": 0.60,\n  "top_k": 1\n}\n';
    const translated = translateGenerationConfig(text, where, chat, output);
    expect(translated.text).toContain('  "temperature": 0.60,\n  "top_k": 1\n');
    expect(JSON.parse(translated.text)).toEqual({
      bos_token_id: 0,
      eos_token_id: [3, 2],
      pad_token_id: null,
      suppress_tokens: [3],
      temperature: 0.6,
      top_k: 1,
    });
    expect(translated.untranslated).toEqual([
      { key: "eos_token_id", row: 3, token: "<|gone|>" },
      { key: "pad_token_id", row: 3, token: "<|gone|>" },
    ]);
    expect(translateGenerationConfig(text, where, chat, chat)).toEqual({ text, untranslated: [] });
  });

  test("loses what says how its weights were quantised, at every level, and nothing else", () => {
    const inner = '{\n    "hidden_size": 4,\n    "quantization_config": {"bits": 8}\n  }';
    const text = `{\n  "quantization_config": {"quant_method": "fp8"},\n  "text_config": ${inner},\n  "x": 1e-05\n}\n`;
    const edited = editModelConfig(text, "config.json", { isPlain: true, torchDtype: "bfloat16" });
    expect(edited).toBe(
      '{\n  "text_config": {\n    "hidden_size": 4\n  },\n  "x": 1e-05,\n  "torch_dtype": "bfloat16"\n}\n',
    );
  });
});
