import type { Roles } from "../vocabulary/match-rows.ts";
import { safetensorsBytes } from "./safetensors-bytes.ts";
import { sentencePieceBytes, tokenizerJsonText } from "./tokenizer-files.ts";

export const tokenizerKinds = ["BPE", "byte-level", "Unigram", "WordPiece", "vocab.json", "tokenizer.model"] as const;
export type TokenizerKind = (typeof tokenizerKinds)[number];

export type FolderContents = Readonly<Record<string, string | Uint8Array>>;

const specialsOf = (kind: TokenizerKind) => [kind === "WordPiece" ? "[UNK]" : "<unk>", "<s>", "</s>"];
const template = "{% for m in messages %}<|im_start|>{{ m.content }}<|im_end|>\n{% endfor %}{{ bos_token }}";
const flags = { lstrip: false, normalized: false, rstrip: false, single_word: false, special: true };
const hiddenSize = 8;

/**
 * Three models whose tokenizers are of one kind, in whole folders as they are published: the target has tokens of its own, one
 * that it keeps free, and others at other rows than chat and base; chat has a template, and two tokens that it writes.
 */
export function modelFolders(kind: TokenizerKind, tied: Roles<boolean>, padding: Roles<number>): Roles<FolderContents> {
  const specials = specialsOf(kind);
  const letters = ["a", "b", "c", "d", "ab", "cd"];
  const shared = [...specials, ...letters];
  const target = [...specials, "<unused0>", "c", "d", "a", "b", "e", "cd", "ab", "ae"];
  return {
    target: folder(kind, target, [], tied.target, padding.target),
    chat: folder(kind, shared, ["<|im_start|>", "<|im_end|>"], tied.chat, padding.chat),
    base: folder(kind, shared, [], tied.base, padding.base),
  };
}

function folder(
  kind: TokenizerKind,
  tokens: readonly string[],
  chatTokens: readonly string[],
  tied: boolean,
  padding: number,
): FolderContents {
  const isChat = chatTokens.length > 0;
  const rowCount = tokens.length + chatTokens.length + padding;
  const ends = isChat ? [tokens.length + 1, 2] : 2;
  const ids = { bos_token_id: 1, eos_token_id: ends };
  const config = {
    architectures: ["LlamaForCausalLM"],
    model_type: "llama",
    vocab_size: rowCount,
    hidden_size: hiddenSize,
    num_hidden_layers: 1,
    ...ids,
    tie_word_embeddings: tied,
    torch_dtype: "float32",
  };
  const shape = [rowCount, hiddenSize];
  const weights = [
    { name: "model.embed_tokens.weight", dtype: "F32", shape },
    { name: "model.layers.0.mlp.down_proj.weight", dtype: "F32", shape: [hiddenSize, hiddenSize] },
    ...(tied ? [] : [{ name: "lm_head.weight", dtype: "F32", shape } as const]),
  ] as const;
  return {
    "config.json": `${JSON.stringify(config, null, 2)}\n`,
    "generation_config.json": JSON.stringify({ ...ids, ...(isChat ? { temperature: 0.7 } : {}) }),
    LICENSE: isChat ? "for chat" : "for all",
    "model.safetensors": safetensorsBytes(weights),
    ...tokenizer(kind, tokens, chatTokens),
    "tokenizer_config.json": tokenizerConfig(kind, tokens, chatTokens),
  };
}

function tokenizerConfig(kind: TokenizerKind, tokens: readonly string[], chatTokens: readonly string[]): string {
  const specials = specialsOf(kind);
  const all = [...tokens, ...chatTokens];
  const named = kind === "vocab.json" ? [] : [...specials, ...chatTokens];
  const decoder = named.map((content) => [String(all.indexOf(content)), { content, ...flags }]);
  return JSON.stringify({
    ...(named.length > 0 ? { added_tokens_decoder: Object.fromEntries(decoder) } : {}),
    bos_token: "<s>",
    eos_token: chatTokens.at(-1) ?? "</s>",
    unk_token: specials[0],
    ...(chatTokens.length > 0 ? { chat_template: template } : {}),
    tokenizer_class: kind === "tokenizer.model" ? "LlamaTokenizer" : "PreTrainedTokenizerFast",
  });
}

function tokenizer(kind: TokenizerKind, tokens: readonly string[], chatTokens: readonly string[]): FolderContents {
  const specials = specialsOf(kind);
  const merges = ["a b", "c d"].filter((merge) => tokens.includes(merge.replace(" ", "")));
  const added = [...specials, ...chatTokens].map(
    (token) => [[...tokens, ...chatTokens].indexOf(token), token] as const,
  );
  switch (kind) {
    case "vocab.json":
      return {
        "vocab.json": JSON.stringify(Object.fromEntries(tokens.map((token, row) => [token, row]))),
        "merges.txt": `#version: 0.2\n${merges.join("\n")}\n`,
        "added_tokens.json": JSON.stringify(Object.fromEntries(added.map(([row, token]) => [token, row]))),
      };
    case "tokenizer.model":
      return {
        "tokenizer.model": sentencePieceBytes(
          tokens.map((text) => ({ text, type: specials.includes(text) ? 3 : text === "<unused0>" ? 4 : 1 })),
        ),
      };
    case "byte-level":
      return { "tokenizer.json": tokenizerJsonText({ tokens, added, merges, spelling: "byte-level" }) };
    case "BPE":
      return { "tokenizer.json": tokenizerJsonText({ tokens, added, merges }) };
    case "Unigram":
      return { "tokenizer.json": tokenizerJsonText({ type: "Unigram", tokens, added }) };
    case "WordPiece":
      return { "tokenizer.json": tokenizerJsonText({ type: "WordPiece", tokens, added, spelling: "wordpiece" }) };
  }
}
