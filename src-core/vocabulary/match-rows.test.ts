import { describe, expect, test } from "vitest";
import { encodeUtf8 } from "../checkpoint/utf8.ts";
import {
  memoryFiles,
  type PieceParts,
  sentencePieceBytes,
  type TokenizerParts,
  tokenizerJsonText,
} from "../test-support/tokenizer-files.ts";
import { describeChatOnly, describeMatch } from "./describe-match.ts";
import { matchRows, type Roles, type RowMatch } from "./match-rows.ts";
import { readVocabulary } from "./read-vocabulary.ts";
import { readableToken } from "./token-keys.ts";
import { parseTokenizerJson } from "./tokenizer-json.ts";
import { areEqualVocabularies, type Vocabulary } from "./vocabulary.ts";

const vocabulary = (parts: TokenizerParts) =>
  parseTokenizerJson(encodeUtf8(tokenizerJsonText(parts)), "tokenizer.json");
const pieces = (...tokens: (string | undefined)[]) => vocabulary({ tokens });
const byteLevel = (...tokens: (string | undefined)[]) => vocabulary({ tokens, spelling: "byte-level" });

async function fromModel(parts: readonly PieceParts[]): Promise<Vocabulary> {
  const read = await readVocabulary(memoryFiles({ "tokenizer.model": sentencePieceBytes(parts) }));
  if (read === null) throw new Error("no vocabulary");
  return read;
}

/** Matches with as many rows as tokens, unless said otherwise. */
function match(target: Vocabulary, chat: Vocabulary, base: Vocabulary, rows: Partial<Roles<number>> = {}): RowMatch {
  const all = { target: target.tokens.length, chat: chat.tokens.length, base: base.tokens.length, ...rows };
  return matchRows({ target, chat, base }, all);
}

const triples = ({ runs }: RowMatch) =>
  runs.map(({ targetRow, chatRow, baseRow, rowCount }) => [targetRow, chatRow, baseRow, rowCount]);

describe("rows of target, chat and base", () => {
  test("are one run where the vocabularies are equal", () => {
    const same = pieces("<unk>", "▁a", "▁b", "▁c");
    const found = match(same, same, pieces("<unk>", "▁a", "▁b", "▁c"));
    expect(triples(found)).toEqual([[0, 0, 0, 4]]);
    expect(describeMatch(found)).toBe("all 4 tokens matched");
  });

  test("are runs as long as they can be, by target row, wherever chat and base have them", () => {
    const target = pieces("▁c", "▁d", "own", "▁a", "▁b", "▁e");
    const chat = pieces("▁a", "▁b", "▁c", "▁d", "▁e");
    const base = pieces("▁e", "▁c", "▁d", "▁a", "▁b");
    const found = match(target, chat, base);
    expect(triples(found)).toEqual([
      [0, 2, 1, 2],
      [3, 0, 3, 2],
      [5, 4, 0, 1],
    ]);
    expect(describeMatch(found)).toBe("5 of 6 tokens matched; 1 is the target's own, e.g. own");
  });

  test("of a token that chat has and base lacks are told from the target's own", () => {
    const target = vocabulary({ tokens: ["▁a", "▁안녕"], added: [[2, "<|im_end|>"]] });
    const found = match(target, vocabulary({ tokens: ["▁a"], added: [[1, "<|im_end|>"]] }), pieces("▁a"));
    expect(found).toMatchObject({ matchedCount: 1, ownCount: 1, withoutBaseCount: 1, ownExamples: ["▁안녕"] });
    expect(describeMatch(found)).toBe(
      "1 of 3 tokens matched; 1 is the target's own, e.g. ▁안녕; 1 is in chat but not in base",
    );
  });

  test("that are padding, as Qwen's 151,936 rows of 151,669 tokens, are kept, even where all three have padding", () => {
    const tokens = Array.from({ length: 300 }, (_, i) => `▁${i}`);
    const same = pieces(...tokens);
    const found = match(same, same, same, { target: 320, chat: 384, base: 384 });
    expect(triples(found)).toEqual([[0, 0, 0, 300]]);
    expect(describeMatch(found)).toBe("all 300 tokens matched; 20 padding rows kept");
  });

  test("that a vocabulary leaves free are padding too", () => {
    const target = pieces("▁a", undefined, undefined, "▁b");
    const found = match(target, target, target);
    expect(triples(found)).toEqual([
      [0, 0, 0, 1],
      [3, 3, 3, 1],
    ]);
    expect(found.paddingCount).toBe(2);
  });

  test("that an embedding does not have are not matched: tokens can be more than rows", () => {
    const same = pieces("▁a", "▁b", "▁c");
    expect(triples(match(same, same, same, { target: 2 }))).toEqual([[0, 0, 0, 2]]);
    expect(triples(match(same, same, same, { chat: 1 }))).toEqual([[0, 0, 0, 1]]);
    const shuffled = match(same, pieces("▁c", "▁b", "▁a"), same, { chat: 2 });
    expect(triples(shuffled)).toEqual([
      [1, 1, 1, 1],
      [2, 0, 2, 1],
    ]);
  });

  test("of a string at several rows are paired in order; those left over take the last", () => {
    const twice = { type: "Unigram", tokens: ["x", "▁a", "x"] } as const;
    const target = vocabulary({ type: "Unigram", tokens: ["x", "x", "x", "▁a"] });
    const found = match(target, vocabulary(twice), pieces("▁a", "x"));
    expect(triples(found)).toEqual([
      [0, 0, 1, 1],
      [1, 2, 1, 1],
      [2, 2, 1, 1],
      [3, 1, 0, 1],
    ]);
    const self = match(vocabulary(twice), vocabulary(twice), vocabulary({ ...twice, tokens: [...twice.tokens, "y"] }));
    expect(triples(self)).toEqual([[0, 0, 0, 3]]);
  });
});

describe("tokens of one spelling", () => {
  test("are the same in a tokenizer.model and its tokenizer.json", async () => {
    const tokens = ["<unk>", "<s>", "<0x0A>", "▁a", "<unused0>", "▁▁", "안녕"];
    const types = [2, 3, 6, 1, 4, 4, 1];
    const model = await fromModel(tokens.map((text, row) => ({ text, type: types[row] ?? 1 })));
    const json = vocabulary({
      tokens,
      added: [
        [0, "<unk>"],
        [1, "<s>"],
        [5, "▁▁"],
      ],
      plain: ["▁▁"],
    });
    expect(areEqualVocabularies(model, json)).toBe(true);
    const shuffled = await fromModel(
      [...tokens].reverse().map((text) => ({ text, type: types[tokens.indexOf(text)] ?? 1 })),
    );
    expect(match(json, shuffled, model)).toMatchObject({ matchedCount: 7, by: "spelling" });
  });

  test("tell a byte from text that looks like one", async () => {
    const bytes = await fromModel([{ text: "<0x41>", type: 6 }, { text: "▁a" }]);
    const text = await fromModel([{ text: "▁a" }, { text: "<0x41>", type: 1 }]);
    expect(match(bytes, text, text)).toMatchObject({ matchedCount: 1, ownCount: 1 });
  });

  test("tell an added token from the bytes that its letters spell", () => {
    // In the byte-level alphabet "é" is the byte 0xE9, and the text "é" is "Ã©".
    const spelled = byteLevel("Ġa", "é", "Ã©");
    const added = vocabulary({ tokens: ["Ġa"], added: [[1, "é"]], plain: ["é"], spelling: "byte-level" });
    expect(triples(match(added, spelled, spelled))).toEqual([
      [0, 0, 0, 1],
      [1, 2, 2, 1],
    ]);
  });

  test("may be special in one model and not in another", () => {
    const special = vocabulary({ tokens: ["▁a"], added: [[1, "<tool_call>"]] });
    const plain = vocabulary({ tokens: ["▁a"], added: [[1, "<tool_call>"]], plain: ["<tool_call>"] });
    expect(match(special, plain, plain).matchedCount).toBe(2);
  });
});

describe("tokens of two spellings", () => {
  const chat = byteLevel("Ġthe", "the", "Ċ", "A", "ìķĪ", "Ã", "é", "<s>");

  test("are the same when they stand for the same text", () => {
    const target = pieces("the", "▁the", "안", "▁안");
    const found = match(target, chat, chat);
    expect(triples(found)).toEqual([
      [0, 1, 1, 1],
      [1, 0, 0, 1],
      [2, 4, 4, 1],
    ]);
    expect(found.by).toBe("content");
    expect(describeMatch(found)).toBe(
      "3 of 4 tokens matched by the text they stand for, since the tokenizers spell it differently; 1 is the target's own, e.g. ▁안",
    );
  });

  test("are not the same for having the same string", () => {
    // The text é, and the byte 0xE9.
    expect(match(pieces("é", "▁the"), chat, chat).ownExamples).toEqual(["é"]);
  });

  test("are compared byte by byte where a byte stands for itself, and not where another token has its text", () => {
    const found = match(pieces("<0x0A>", "<0x41>", "A", "<0xC3>"), chat, chat);
    expect(triples(found)).toEqual([
      [0, 2, 2, 1],
      [2, 3, 3, 1],
      [3, 5, 5, 1],
    ]);
  });

  test("are not matched where a text has two tokens", () => {
    const twice = vocabulary({ tokens: ["▁the", "▁"], added: [[2, " the"]], plain: [" the"] });
    expect(match(twice, chat, chat).matchedCount).toBe(0);
    expect(match(chat, twice, twice).matchedCount).toBe(0);
  });

  test("are matched by name when they are control tokens, and only with such", () => {
    const target = vocabulary({
      tokens: ["▁the"],
      added: [
        [1, "<|im_end|>"],
        [2, "<s>"],
      ],
    });
    const other = vocabulary({
      tokens: ["<s>"],
      added: [[1, "<|im_end|>"]],
      plain: ["<|im_end|>"],
      spelling: "byte-level",
    });
    expect(triples(match(target, other, other))).toEqual([[1, 1, 1, 1]]);
  });

  test("of WordPiece are their own, but for control tokens: whether a space is in front of a word is not known", () => {
    const target = vocabulary({
      type: "WordPiece",
      tokens: ["the", "##the"],
      added: [[2, "[CLS]"]],
      spelling: "wordpiece",
    });
    const other = vocabulary({ tokens: ["▁the", "the"], added: [[2, "[CLS]"]] });
    expect(triples(match(target, other, other))).toEqual([[2, 2, 2, 1]]);
  });
});

describe("what matching came to", () => {
  test("is said with counts and examples that read well", () => {
    const shared = Array.from({ length: 31_744 }, (_, i) => `▁s${i}`);
    const own = Array.from({ length: 14_592 }, (_, i) =>
      i % 3 === 0 ? `▁${String.fromCodePoint(0xac00 + i / 3)}요` : `\u200b${i}`,
    );
    const target = pieces(...shared, ...own);
    const found = match(target, pieces(...shared, "▁chat"), pieces(...shared), { target: 46_400 });
    expect(describeMatch(found)).toMatch(
      /^31,744 of 46,336 tokens matched; 14,592 are the target's own, e\.g\. (▁[가-힣]요, ){4}▁[가-힣]요; 64 padding rows kept$/,
    );
    expect(describeChatOnly(found)).toBe("1 token of chat is not in the target, e.g. ▁chat");
    expect(describeChatOnly(match(target, target, target))).toBeNull();
  });

  test("shows a byte-level token as its text, a space as ▁", () => {
    const tokens = byteLevel("ĠìķĪ", "Ã", "Ċ", "<s>");
    expect([0, 1, 2, 3, 4].map((row) => readableToken(tokens, row))).toEqual(["▁안", null, "\n", "<s>", null]);
    expect(match(tokens, byteLevel("a"), byteLevel("a")).ownExamples).toEqual(["▁안", "<s>"]);
  });
});

describe("two vocabularies", () => {
  test("are equal when every row has the same token, from whatever file", () => {
    expect(areEqualVocabularies(pieces("a", "▁b"), vocabulary({ type: "Unigram", tokens: ["a", "▁b"] }))).toBe(true);
    expect(areEqualVocabularies(pieces("a", "▁b"), pieces("▁b", "a"))).toBe(false);
    expect(areEqualVocabularies(pieces("a", "▁b"), pieces("a", "▁b", "c"))).toBe(false);
    expect(areEqualVocabularies(pieces("a", "b"), byteLevel("a", "b"))).toBe(false);
    expect(areEqualVocabularies(pieces("a", undefined, "b"), pieces("a", "b"))).toBe(false);
  });

  test("of 150,000 tokens in another order are matched in well under a second", () => {
    const tokens = Array.from({ length: 150_000 }, (_, i) => `▁${(i * 7919) % 150_000}`);
    const shuffled = Array.from({ length: 150_000 }, (_, i) => `▁${(i * 104_729) % 150_000}`);
    const [target, chat] = [vocabulary({ tokens }), vocabulary({ tokens: shuffled })];
    const start = process.cpuUsage();
    expect(match(target, chat, chat).matchedCount).toBe(150_000);
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(1500);
  });
});
