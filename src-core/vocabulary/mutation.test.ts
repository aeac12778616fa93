import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeUtf8 } from "../checkpoint/utf8.ts";
import { StudioError } from "../errors.ts";
import { maximumEmptyRowCount } from "../limits.ts";
import { memoryFiles, sentencePieceBytes, tokenizerJsonText } from "../test-support/tokenizer-files.ts";
import { matchRows } from "./match-rows.ts";
import { readVocabulary } from "./read-vocabulary.ts";
import type { Vocabulary } from "./vocabulary.ts";

const tokens = ["<unk>", "<s>", "<0x0A>", "▁a", "é", "안녕", "<unused0>", "10"];
const added = [
  [0, "<unk>"],
  [8, "<|im_end|>"],
] as const;
const config = JSON.stringify({
  added_tokens_decoder: { 8: { content: "<|im_end|>", special: true } },
  eos_token: { content: "<|im_end|>" },
  additional_special_tokens: ["<s>"],
  chat_template: [{ name: "default", template: "{{ x }}" }],
});

/** A folder for each kind of vocabulary, with every file that is read beside it. */
const folders: Record<string, string | Uint8Array>[] = [
  { "tokenizer.json": tokenizerJsonText({ tokens, added }), "tokenizer_config.json": config },
  {
    "tokenizer.json": tokenizerJsonText({ type: "Unigram", tokens, added }),
    "special_tokens_map.json": '{"eos_token":"<s>"}',
  },
  { "vocab.json": '{"a": 0, "Ġb": 1}', "added_tokens.json": '{"<x>": 2}', "chat_template.jinja": "{{ é }}" },
  {
    "tokenizer.model": sentencePieceBytes(
      tokens.map((text, row) => ({ text, type: [2, 3, 6, 1, 1, 1, 4, 1][row] ?? 1 })),
    ),
    "tokenizer_config.json": config,
  },
  { "vocab.txt": "[UNK]\nthe\n##s\n", "chat_template.json": '{"chat_template":"x"}' },
];

/** Bytes that mean something to a parser, beside any others. */
const byte = fc.oneof(
  fc.nat({ max: 255 }),
  fc.constantFrom(...encodeUtf8('{}[]",:\\0123456789-.eEu \n'), 0x0a, 0x7f, 0x80, 0xff),
);
const replacement = fc.constantFrom(
  "0",
  "-1",
  "1.5",
  "1e9",
  "100000",
  "16777215",
  "99999999999",
  '""',
  "[]",
  "{}",
  "null",
  "true",
  '"\\ud800"',
  "[[[[",
);

const mutation = fc.record({
  file: fc.nat(),
  kind: fc.constantFrom("set", "flip", "delete", "insert", "cut", "repeat", "value", "value"),
  place: fc.nat(),
  length: fc.integer({ min: 1, max: 9 }),
  byte,
  replacement,
});
type Mutation = typeof mutation extends fc.Arbitrary<infer Value> ? Value : never;

function mutate(bytes: Uint8Array, { kind, place, length, byte: value, replacement: text }: Mutation): Uint8Array {
  const at = bytes.length === 0 ? 0 : place % bytes.length;
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (kind) {
    case "set":
      return Uint8Array.from([...before, value, ...after.subarray(1)]);
    case "flip":
      return Uint8Array.from([...before, (after[0] ?? 0) ^ (1 << (length % 8)), ...after.subarray(1)]);
    case "delete":
      return Uint8Array.from([...before, ...after.subarray(length)]);
    case "insert":
      return Uint8Array.from([...before, ...new Uint8Array(length).fill(value), ...after]);
    case "cut":
      return before.slice();
    case "value":
      return replaceValue(bytes, place, text);
    default:
      return Uint8Array.from([...before, ...after.subarray(0, length * 8), ...after]);
  }
}

/** Puts another value where a string or a number is; characters stand for bytes. */
function replaceValue(bytes: Uint8Array, place: number, value: string): Uint8Array {
  const text = String.fromCharCode(...bytes);
  const found = [...text.matchAll(/"[^"]*"|\d+/g)];
  const match = found[place % Math.max(found.length, 1)];
  if (match === undefined) return bytes;
  const changed = text.slice(0, match.index) + value + text.slice(match.index + match[0].length);
  return Uint8Array.from(changed, (character) => character.charCodeAt(0));
}

function expectSound(vocabulary: Vocabulary): void {
  const { tokens: read, kinds, tokenCount, added: addedTokens } = vocabulary;
  expect(kinds).toHaveLength(read.length);
  expect(read.filter((token) => token !== undefined)).toHaveLength(tokenCount);
  expect(read.length - tokenCount).toBeLessThanOrEqual(maximumEmptyRowCount);
  for (const [row, { content }] of addedTokens) expect(read[row]).toBe(content);
  const rows = { target: read.length, chat: read.length, base: read.length };
  expect(matchRows({ target: vocabulary, chat: vocabulary, base: vocabulary }, rows).matchedCount).toBe(tokenCount);
}

describe("tokenizer files with damage", () => {
  test("either are a vocabulary or are refused with an error for people, at once and in little memory", async () => {
    const outcomes = new Map<string, number>();
    let longest = 0;
    const memoryBefore = process.memoryUsage().rss;
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.array(mutation, { minLength: 1, maxLength: 3 }), async (which, mutations) => {
        const damaged = { ...folders[which % folders.length] };
        const names = Object.keys(damaged);
        for (const each of mutations) {
          const name = names[each.file % names.length] ?? "";
          const contents = damaged[name] ?? "";
          damaged[name] = mutate(typeof contents === "string" ? encodeUtf8(contents) : contents, each);
        }
        const start = process.cpuUsage();
        const outcome = await readVocabulary(memoryFiles(damaged)).then(
          (vocabulary) => {
            if (vocabulary !== null) expectSound(vocabulary);
            return `${vocabulary?.file} read`;
          },
          (error: unknown) => {
            if (!(error instanceof StudioError)) throw error;
            expect(error.failure.code).toBe("tokenizer-invalid");
            expect(error.failure.where).toMatch(/^\/model\/\w+\.(json|model|txt|jinja)/);
            return `${/\/model\/([\w.]+\w)/.exec(error.failure.where ?? "")?.[1]} refused`;
          },
        );
        longest = Math.max(longest, process.cpuUsage(start).user / 1000);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }),
      { numRuns: 5000, seed: 20231005 },
    );
    expect(longest).toBeLessThan(1000);
    expect(process.memoryUsage().rss - memoryBefore).toBeLessThan(512 * 1024 * 1024);
    // That the damage reaches every file, and is sometimes harmless. A vocab.txt can only have bytes that are no text.
    const files = ["tokenizer.json", "vocab.json", "tokenizer.model", "vocab.txt"];
    const small = [
      "tokenizer_config.json",
      "special_tokens_map.json",
      "added_tokens.json",
      "chat_template.json",
      "chat_template.jinja",
    ];
    for (const file of files) expect(outcomes.get(`${file} read`) ?? 0, file).toBeGreaterThan(100);
    for (const file of [...files, ...small]) expect(outcomes.get(`${file} refused`) ?? 0, file).toBeGreaterThan(10);
  });
});
