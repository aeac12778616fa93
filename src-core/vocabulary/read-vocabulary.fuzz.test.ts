import { describe, expect, test } from "vitest";
import { encodeUtf8 } from "../checkpoint/utf8.ts";
import { StudioError } from "../errors.ts";
import { maximumEmptyRowCount } from "../limits.ts";
import type { Random } from "../random.ts";
import { type FuzzDocument, joinBytes, mutateFiles, pick } from "../test-support/fuzz/document.ts";
import { fuzz } from "../test-support/fuzz/fuzz.ts";
import { mutateBytes, varint } from "../test-support/fuzz/mutate-bytes.ts";
import { mutateJson } from "../test-support/fuzz/mutate-json.ts";
import { memoryFiles, sentencePieceBytes, tokenizerJsonText } from "../test-support/tokenizer-files.ts";
import { matchRows } from "./match-rows.ts";
import { ProtobufReader } from "./protobuf.ts";
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
const pieces = sentencePieceBytes(tokens.map((text, row) => ({ text, type: [2, 3, 6, 1, 1, 1, 4, 1][row] ?? 1 })));

/** A folder for each kind of vocabulary, with every file that is read beside it. */
const folders: Record<string, string | Uint8Array>[] = [
  { "tokenizer.json": tokenizerJsonText({ tokens, added }), "tokenizer_config.json": config },
  {
    "tokenizer.json": tokenizerJsonText({ type: "Unigram", tokens, added }),
    "special_tokens_map.json": '{"eos_token":"<s>"}',
  },
  { "vocab.json": '{"a": 0, "Ġb": 1}', "added_tokens.json": '{"<x>": 2}', "chat_template.jinja": "{{ é }}" },
  { "tokenizer.model": pieces, "tokenizer_config.json": config },
  { "vocab.txt": "[UNK]\nthe\n##s\n", "chat_template.json": '{"chat_template":"x"}' },
];
const documents: FuzzDocument[] = folders.map((folder) => {
  const entries = Object.entries(folder).map(([name, contents]) => [
    name,
    typeof contents === "string" ? encodeUtf8(contents) : contents,
  ]);
  return Object.fromEntries(entries);
});

const anywhere = mutateBytes([...encodeUtf8('{}[]",:\\0123456789-.eEu \n'), 0x0a, 0x7f, 0x80, 0xff]);
const asJson = mutateJson(['"<s>"', '"▁a"', '"안녕"', '{"id":3,"content":"é"}']);
const asMessage = mutateBytes(
  [0x08, 0x0a, 0x12, 0x15, 0x18, 0x80, 0xff],
  [varint(2 ** 63), [0x0a, ...varint(2 ** 31)], [...Array<number>(12).fill(0xff), 0x01], [0x0b, 0x0c]],
);

/** One field of a protobuf's message, with its length put right, repeated, left out, of another type, or in another's place. */
function inMessage(bytes: Uint8Array, random: Random): Uint8Array {
  const fields: { start: number; valueStart: number; end: number }[] = [];
  try {
    const reader = new ProtobufReader(bytes, "m");
    while (reader.next())
      fields.push({ start: reader.fieldStart, valueStart: reader.valueStart, end: reader.valueEnd });
  } catch (error) {
    if (!(error instanceof StudioError)) throw error;
  }
  if (fields.length === 0) return asMessage(bytes, random);
  const [field, other] = [pick(random, fields), pick(random, fields)];
  const [before, after] = [bytes.subarray(0, field.start), bytes.subarray(field.end)];
  const whole = bytes.subarray(field.start, field.end);
  switch (random.integer(5)) {
    case 0:
      return joinBytes(before, ...Array<Uint8Array>(1 + random.integer(300)).fill(whole), after);
    case 1:
      return joinBytes(before, after);
    case 2:
      return joinBytes(before, bytes.subarray(other.start, other.end), after);
    case 3:
      return joinBytes(before, [(whole[0] ?? 0) ^ (1 + random.integer(127))], whole.subarray(1), after);
    default: {
      const value = asMessage(bytes.subarray(field.valueStart, field.end), random);
      return joinBytes(before, whole.subarray(0, 1), varint(value.length), value, after);
    }
  }
}

function mutatorsOf(name: string) {
  if (name.endsWith(".json")) return [anywhere, asJson, asJson];
  return name.endsWith(".model") ? [asMessage, inMessage, inMessage] : [anywhere];
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

async function readFolder(document: FuzzDocument): Promise<string> {
  try {
    const vocabulary = await readVocabulary(memoryFiles(document));
    if (vocabulary !== null) expectSound(vocabulary);
    return `${vocabulary?.file} read`;
  } catch (error) {
    if (!(error instanceof StudioError)) throw error;
    expect(error.failure.code).toBe("tokenizer-invalid");
    expect(error.failure.where).toMatch(/^\/model\/\w+\.(json|model|txt|jinja)/);
    return `${/\/model\/([\w.]+\w)/.exec(error.failure.where ?? "")?.[1]} refused`;
  }
}

describe("tokenizer files with damage", () => {
  test("either are a vocabulary or are refused with an error for people, at once and in little memory", async () => {
    const outcomes = await fuzz({
      name: "vocabulary",
      originals: documents,
      mutate: (document, random) => mutateFiles(document, random, mutatorsOf),
      read: readFolder,
    });
    // That the damage reaches every file, and is sometimes harmless. A vocab.txt can only have bytes that are no text.
    const files = ["tokenizer.json", "vocab.json", "tokenizer.model", "vocab.txt"];
    const small = ["tokenizer_config", "special_tokens_map", "added_tokens", "chat_template"].map(
      (name) => `${name}.json`,
    );
    for (const file of files) expect(outcomes.get(`${file} read`) ?? 0, file).toBeGreaterThan(10);
    for (const file of [...files, ...small, "chat_template.jinja"]) {
      expect(outcomes.get(`${file} refused`) ?? 0, file).toBeGreaterThan(3);
    }
  });

  test("either are pieces or are refused as none: tokenizer.model", async () => {
    const outcomes = await fuzz({
      name: "sentencepiece",
      originals: [{ "tokenizer.model": pieces }],
      mutate: (document, random) => mutateFiles(document, random, mutatorsOf),
      read: readFolder,
    });
    for (const outcome of ["read", "refused"]) expect(outcomes.get(`tokenizer.model ${outcome}`)).toBeGreaterThan(100);
  });
});
