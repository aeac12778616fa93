import { describe, expect, test } from "vitest";
import { makeSampleModel } from "./sample-model.ts";
import { describeSample, type SampleOptions, type SampleRole } from "./sample-options.ts";
import { baseTokens, maximumVocabulary, minimumVocabulary, targetTokens } from "./sample-vocabulary.ts";

interface Tokenizer {
  added_tokens: { id: number; content: string; special: boolean }[];
  model: { type: string; vocab: Record<string, number>; merges: string[]; unk_token: string; byte_fallback: boolean };
}

function jsonOf(options: SampleOptions, role: SampleRole, name: string): unknown {
  const file = makeSampleModel(describeSample(options), role).files.find((candidate) => candidate.name === name);
  if (file === undefined) throw new Error(`no ${name}`);
  const bytes = new Uint8Array(file.byteLength);
  file.fill(bytes, 0);
  return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
}

const tokenizerOf = (options: SampleOptions, role: SampleRole) => jsonOf(options, role, "tokenizer.json") as Tokenizer;

/** Byte-pair encoding as the tokenizers library does it: the earliest merge that applies, until none does. */
function encode({ model }: Tokenizer, text: string): (number | undefined)[] {
  const ranks = new Map(model.merges.map((merge, rank) => [merge, rank]));
  let parts = [...`\u2581${text.replaceAll(" ", "\u2581")}`];
  for (;;) {
    const rankAt = (i: number) => ranks.get(`${parts[i]} ${parts[i + 1]}`) ?? Number.POSITIVE_INFINITY;
    const best = parts.reduce((least, __, i) => (rankAt(i) < rankAt(least) ? i : least), 0);
    if (rankAt(best) === Number.POSITIVE_INFINITY) return parts.map((part) => model.vocab[part]);
    parts = [...parts.slice(0, best), parts.slice(best, best + 2).join(""), ...parts.slice(best + 2)];
  }
}

describe.each<[string, SampleOptions, SampleRole, number]>([
  ["the smallest vocabulary", { parameters: 1e5, vocabulary: minimumVocabulary }, "base", minimumVocabulary],
  ["the small sample's", { parameters: 1e6 }, "base", 1024],
  ["TinyLlama's size", { parameters: 1.1e9 }, "chat", 32_000],
  ["an extended one", { parameters: 1e6, targetVocabulary: { ownTokens: 500, order: "appended" } }, "target", 1524],
  ["a shuffled one", { parameters: 1e6, targetVocabulary: { ownTokens: 500, order: "shuffled" } }, "target", 1524],
])("a tokenizer with %s", (_, options, role, size) => {
  const tokenizer = tokenizerOf(options, role);
  const { vocab, merges } = tokenizer.model;

  test("has one token for each row, with ids from 0 on", () => {
    expect(Object.values(vocab).sort((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, id) => id));
    expect(jsonOf(options, role, "config.json")).toMatchObject({ vocab_size: size });
  });

  test("has its special tokens, every byte, and only merges of tokens into tokens", () => {
    expect(tokenizer.added_tokens.map(({ content }) => content)).toEqual(["<unk>", "<s>", "</s>"]);
    for (const { id, content } of tokenizer.added_tokens) expect(vocab[content]).toBe(id);
    for (let byte = 0; byte < 256; byte++) {
      expect(vocab).toHaveProperty([`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`]);
    }
    const broken = merges.filter((merge) => {
      const [left = "", right = "", ...rest] = merge.split(" ");
      return rest.length > 0 || !(left in vocab) || !(right in vocab) || !(left + right in vocab);
    });
    expect(broken).toEqual([]);
    expect(new Set(merges).size).toBe(merges.length);
  });

  test("reaches every merged token from its characters", () => {
    const words = merges.map((merge) => merge.replace(" ", "")).filter((word) => word.startsWith("\u2581"));
    const sampled = words.filter((__, i) => i % Math.ceil(words.length / 50) === 0);
    for (const word of sampled) expect(encode(tokenizer, word.slice(1))).toEqual([vocab[word]]);
  });
});

test("base and chat share their tokens; a target of its own keeps the base's and adds Korean and Japanese ones", () => {
  const options: SampleOptions = { parameters: 1e6, targetVocabulary: { ownTokens: 60, order: "shuffled" } };
  const base = tokenizerOf(options, "base").model.vocab;
  expect(tokenizerOf(options, "chat").model.vocab).toEqual(base);
  const target = tokenizerOf(options, "target").model.vocab;
  const own = Object.keys(target).filter((token) => !(token in base));
  expect(Object.keys(target).filter((token) => token in base).length).toBe(1024);
  expect(own.length).toBe(60);
  expect(own.every((token) => /^\u2581?[\uac00-\ud7a3\u3041-\u3096]+$/.test(token))).toBe(true);
  expect(own.some((token) => /[\u3041-\u3096]/.test(token))).toBe(true);
  expect(own.some((token) => token.length === 3)).toBe(false);
  const moved = Object.entries(base).filter(([token, id]) => target[token] !== id);
  expect(moved.length).toBeGreaterThan(900);
  for (const special of ["<unk>", "<s>", "</s>"]) expect(target[special]).toBe(base[special]);
});

test("the rows of the base's tokens are known for every id of the target", () => {
  const description = describeSample({ parameters: 1e6, targetVocabulary: { ownTokens: 60, order: "shuffled" } });
  const base = baseTokens(1024).tokens;
  const { tokens, baseRows } = targetTokens(description);
  tokens.forEach((token, id) => {
    expect(baseRows[id]).toBe(base.indexOf(token));
  });
});

test("vocabularies of any size up to the limit are all different tokens", () => {
  expect(new Set(baseTokens(maximumVocabulary).tokens).size).toBe(maximumVocabulary);
  const own = targetTokens(
    describeSample({ parameters: 1e9, targetVocabulary: { ownTokens: 200_000, order: "appended" } }),
  );
  expect(new Set(own.tokens).size).toBe(own.tokens.length);
  expect(own.tokens.length).toBe(32_000 + 200_000);
});

test("only the chat model has a chat template", () => {
  const config = (role: SampleRole) => jsonOf({ parameters: 1e6 }, role, "tokenizer_config.json");
  expect(config("chat")).toHaveProperty("chat_template", expect.stringContaining("add_generation_prompt"));
  expect(config("base")).not.toHaveProperty("chat_template");
  expect(config("target")).not.toHaveProperty("chat_template");
});
