import { describe, expect, test } from "vitest";
import { fileBytes } from "../test-support/random-vocabularies.ts";
import { sentencePieceBytes, type TokenizerParts, tokenizerJsonText } from "../test-support/tokenizer-files.ts";
import { checkModelFolder } from "./folder-check.ts";
import type { FolderToCheck } from "./folder-to-check.ts";

const config = {
  architectures: ["LlamaForCausalLM"],
  model_type: "llama",
  vocab_size: 8,
  hidden_size: 4,
  num_hidden_layers: 2,
  bos_token_id: 1,
  eos_token_id: 2,
  pad_token_id: -1,
  tie_word_embeddings: false,
  torch_dtype: "bfloat16",
};
const tokenizer: TokenizerParts = {
  tokens: ["<unk>", "<s>", "</s>", "a", "b", "ab"],
  added: [
    [0, "<unk>"],
    [1, "<s>"],
    [2, "</s>"],
    [6, "<|im_end|>"],
  ],
  merges: ["a b"],
};
const tokenizerConfig = {
  added_tokens_decoder: { 6: { content: "<|im_end|>", special: true } },
  bos_token: "<s>",
  eos_token: "<|im_end|>",
  tokenizer_class: "PreTrainedTokenizerFast",
};

type Files = Record<string, string | Uint8Array | undefined>;

const sound: Files = {
  "config.json": JSON.stringify(config),
  "generation_config.json": JSON.stringify({ eos_token_id: [2, 6] }),
  "tokenizer.json": tokenizerJsonText(tokenizer),
  "tokenizer_config.json": JSON.stringify(tokenizerConfig),
  "model.safetensors": "",
};

const tensors: FolderToCheck["vocabularyTensors"] = [
  { name: "model.embed_tokens.weight", role: "embedding", shape: [8, 4] },
  { name: "lm_head.weight", role: "head", shape: [8, 4] },
];

async function findings(changes: Files = {}, more: Partial<FolderToCheck> = {}): Promise<string[]> {
  const files = Object.entries({ ...sound, ...changes }).filter(([, contents]) => contents !== undefined);
  const found = await checkModelFolder({
    path: "/model",
    names: files.map(([name]) => name),
    files: new Map(
      files.filter(([name]) => !name.startsWith("model.")).map(([name, text = ""]) => [name, fileBytes(text)]),
    ),
    vocabularyTensors: tensors,
    layerCount: 2,
    ...more,
  });
  return found.map(
    ({ severity, file, what, expected, actual }) => `${severity} ${file}: ${what}; ${expected}, ${actual}`,
  );
}

const configWith = (changes: object) => ({ "config.json": JSON.stringify({ ...config, ...changes }) });
const tokenizerWith = (change: (root: { added_tokens: object[]; model: Record<string, unknown> }) => void): Files => {
  const root = JSON.parse(tokenizerJsonText(tokenizer)) as { added_tokens: object[]; model: Record<string, unknown> };
  change(root);
  return { "tokenizer.json": JSON.stringify(root) };
};

describe("a model's folder", () => {
  test("that is sound has no findings", async () => {
    expect(await findings()).toEqual([]);
  });

  test.each<[string, Files]>([
    ["an index in place of one file", { "model.safetensors": undefined, "model.safetensors.index.json": "{}" }],
    ["no generation config", { "generation_config.json": undefined, ...configWith({ eos_token_id: [2, 6] }) }],
    [
      "vocab.json and merges",
      { "tokenizer.json": undefined, "vocab.json": '{"<s>":0,"<|im_end|>":6}', "merges.txt": "" },
    ],
    [
      "a tokenizer.model and added tokens",
      {
        "tokenizer.json": undefined,
        "tokenizer.model": sentencePieceBytes([
          { text: "<unk>", type: 2 },
          { text: "<s>", type: 3 },
        ]),
      },
    ],
    ["merges of pairs", tokenizerWith(({ model }) => (model.merges = [["a", "b"]]))],
    [
      "no added tokens, model type or version",
      { "tokenizer.json": '{"model":{"vocab":{"<s>":0,"<|im_end|>":6},"merges":[]}}' },
    ],
    ["code in another repository", configWith({ auto_map: { AutoModel: "org/name--modeling.Model" } })],
  ])("with %s has none either", async (_, changes) => {
    expect(await findings(changes)).toEqual([]);
  });

  test("of a multimodal model has its sizes in its text model's config", async () => {
    const { model_type, architectures, ...text } = config;
    const nested = { model_type: "gemma3", architectures: ["Gemma3ForConditionalGeneration"], text_config: text };
    expect(await findings({ "config.json": JSON.stringify(nested) })).toEqual([]);
    const wrong = { ...nested, text_config: { ...text, vocab_size: 9 } };
    expect(await findings({ "config.json": JSON.stringify(wrong) })).toHaveLength(2);
  });

  test("with a tied head stores none", async () => {
    const [embedding] = tensors;
    const more = { vocabularyTensors: embedding ? [embedding] : [] };
    expect(await findings(configWith({ tie_word_embeddings: true }), more)).toEqual([]);
    expect(await findings({}, more)).toEqual([
      "error config.json: The weights have no output head, and tie_word_embeddings is false; true, false",
    ]);
  });

  test.each<[string, Files, string]>([
    [
      "no weights",
      { "model.safetensors": undefined },
      "error model.safetensors: The weights are not under a name that is looked for",
    ],
    ["no config.json", { "config.json": undefined }, "error config.json: The folder has no config.json"],
    ["a config.json that is none", { "config.json": "{" }, "error config.json: The file is not valid JSON"],
    [
      "no model_type",
      configWith({ model_type: undefined }),
      "error config.json: AutoModel cannot choose a class; model_type, undefined",
    ],
    [
      "no vocab_size",
      configWith({ vocab_size: undefined }),
      "error config.json: The size of the embedding is not said; vocab_size, none",
    ],
    [
      "another vocab_size",
      configWith({ vocab_size: 7 }),
      "error config.json: vocab_size is not the rows of lm_head.weight; 8, 7",
    ],
    [
      "another hidden_size",
      configWith({ hidden_size: 5 }),
      "error config.json: hidden_size is not the columns of lm_head.weight; 4, 5",
    ],
    [
      "another number of layers",
      configWith({ num_hidden_layers: 3 }),
      "error config.json: num_hidden_layers is not the number of layers in the weights; 2, 3",
    ],
    [
      "a dtype that torch lacks",
      configWith({ torch_dtype: "BF16" }),
      "error config.json: torch_dtype is none of torch's floats",
    ],
    [
      "an end beyond the rows",
      configWith({ eos_token_id: [2, 8] }),
      "error config.json: eos_token_id is no row of the embedding; below 8, 8",
    ],
    [
      "missing code",
      configWith({ auto_map: { AutoModel: "modeling.Model" } }),
      "error config.json: auto_map names code that is not in the folder; modeling.py, none",
    ],
    [
      "generation that ends beyond the rows",
      { "generation_config.json": '{"eos_token_id":[6,2.5],"pad_token_id":99}' },
      "error generation_config.json: pad_token_id is no row of the embedding; below 8, 99",
    ],
    [
      "a generation config that is none",
      { "generation_config.json": "[]" },
      "error generation_config.json: The file is malformed",
    ],
    [
      "generation that does not stop",
      { "generation_config.json": '{"eos_token_id":2}' },
      'warning generation_config.json: Generation does not stop at the tokenizer\'s eos_token, "<|im_end|>"; eos_token_id with 6, 2',
    ],
    ["no tokenizer", { "tokenizer.json": undefined }, "error tokenizer.json: The folder has no tokenizer"],
    ["a tokenizer that is none", { "tokenizer.json": "{" }, "error tokenizer.json: The tokenizer is not valid JSON"],
    [
      "a vocab.json without merges",
      { "tokenizer.json": undefined, "vocab.json": '{"<s>":0,"<|im_end|>":6}' },
      "error vocab.json: A vocab.json needs the merges beside it",
    ],
    [
      "more tokens than rows",
      {
        "tokenizer.json": tokenizerJsonText({
          ...tokenizer,
          tokens: [...tokenizer.tokens, "x", "y"],
          added: [...(tokenizer.added ?? []).slice(0, 3), [8, "<|im_end|>"]],
        }),
      },
      'error tokenizer.json: There are tokens beyond the rows of the embedding; rows below 8, "<|im_end|>" at row 8',
    ],
    [
      "an end that is no token",
      { "tokenizer_config.json": '{"eos_token":"<eos>"}' },
      'error tokenizer_config.json: eos_token is not in the vocabulary; one of its tokens, "<eos>"',
    ],
    [
      "added tokens that disagree",
      { "tokenizer_config.json": '{"added_tokens_decoder":{"5":{"content":"<|im_end|>","special":true}}}' },
      'error tokenizer_config.json: added_tokens_decoder has another token at row 5; tokenizer.json\'s, "<|im_end|>"; tokenizer.json has "ab"',
    ],
    [
      "an added token at a row that the library will not give it",
      tokenizerWith(({ added_tokens }) => Object.assign(added_tokens[3] ?? {}, { id: 7 })),
      'error tokenizer.json: The tokenizers library gives "<|im_end|>" another row than the file; 7, 6',
    ],
    [
      "an added token without a flag",
      tokenizerWith(({ added_tokens }) => Object.assign(added_tokens[3] ?? {}, { lstrip: undefined })),
      'error tokenizer.json: An added token lacks lstrip; true or false, "<|im_end|>"',
    ],
    [
      "a merge of no tokens",
      tokenizerWith(({ model }) => (model.merges = ["a b", "a s"])),
      'error tokenizer.json: A merge is of tokens that are not in the vocabulary; null, "a s"',
    ],
    [
      "no merges",
      tokenizerWith(({ model }) => delete model.merges),
      "error tokenizer.json: The model lacks merges; merges, none",
    ],
    [
      "a model of another type",
      tokenizerWith(({ model }) => (model.type = "Tiktoken")),
      "error tokenizer.json: The model's type is not known",
    ],
    [
      "an unknown piece beyond the pieces",
      {
        "tokenizer.json": '{"model":{"type":"Unigram","unk_id":9,"vocab":[["<s>",0],["<|im_end|>",0]]}}',
        "tokenizer_config.json": "{}",
      },
      "error tokenizer.json: unk_id is no piece; 0 to 1, 9",
    ],
    [
      "a key that the library refuses",
      tokenizerWith((root) => Object.assign(root, { extra: 1 })),
      "error tokenizer.json: There is a key that the tokenizers library refuses; null, extra",
    ],
  ])("with %s is found out", async (_, changes, expected) => {
    expect(await findings(changes)).toContainEqual(expect.stringContaining(expected));
  });
});
