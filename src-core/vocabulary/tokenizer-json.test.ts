import { describe, expect, test } from "vitest";
import { encodeUtf8 } from "../checkpoint/utf8.ts";
import { rejectionOf } from "../test-support/failure-of.ts";
import { tokenizerJsonText } from "../test-support/tokenizer-files.ts";
import { parseTokenizerJson } from "./tokenizer-json.ts";

const parse = (text: string) => parseTokenizerJson(encodeUtf8(text), "/model/tokenizer.json");

describe("a tokenizer.json", () => {
  test.each(["BPE", "WordPiece", "WordLevel", "Unigram"] as const)("of %s gives each token its row", (type) => {
    const tokens = ["<unk>", "10", "▁a", "__proto__", 'quo"te', "é", "한국", "😀", "\n"];
    expect(parse(tokenizerJsonText({ type, tokens })).tokens).toEqual(tokens);
  });

  test("has added tokens, which win wherever they stand, and may leave rows without a token", () => {
    const added = [
      [1, "<s>"],
      [4, "<|im_end|>"],
    ] as const;
    const vocabulary = parse(tokenizerJsonText({ tokens: ["a", "b"], added, plain: ["<|im_end|>"] }));
    expect(vocabulary.tokens).toEqual(["a", "<s>", undefined, undefined, "<|im_end|>"]);
    expect(vocabulary.kinds).toEqual(["normal", "special", undefined, undefined, "normal"]);
    expect(vocabulary.tokenCount).toBe(3);
    expect([...vocabulary.added.keys()]).toEqual([1, 4]);
  });

  test("needs its model alone", () => {
    expect(parse('{"model":{"vocab":{"a":0}}}')).toMatchObject({
      tokens: ["a"],
      spelling: "plain",
      file: "tokenizer.json",
    });
  });

  test.each([
    ["byte-level", { pre_tokenizer: { type: "Sequence", pretokenizers: [{ type: "Split" }, { type: "ByteLevel" }] } }],
    ["byte-level", { decoder: { type: "ByteLevel" }, normalizer: { type: "Replace", content: "▁" } }],
    ["sentencepiece", { pre_tokenizer: { type: "Metaspace", replacement: "▁" } }],
    ["sentencepiece", { normalizer: { type: "Replace", pattern: { String: " " }, content: "▁" } }],
    ["wordpiece", { decoder: { type: "WordPiece" } }],
  ])("is %s by its steps, whatever its tokens look like", (spelling, steps) => {
    const text = JSON.stringify({ ...steps, model: { vocab: { "##a": 0, "▁b": 1, Ġc: 2, Ġd: 3 } } });
    expect(parse(text).spelling).toBe(spelling);
  });

  test.each([
    ["byte-level", { Ġa: 0, Ġb: 1, "▁b": 2 }],
    ["sentencepiece", { "▁a": 0, "▁b": 1, Ġb: 2 }],
    ["wordpiece", { "##a": 0, b: 1 }],
    ["plain", { a: 0, "###": 1, "##": 2 }],
  ])("is %s by its tokens where it has no steps", (spelling, vocab) => {
    expect(parse(JSON.stringify({ model: { vocab } })).spelling).toBe(spelling);
  });

  test("has bytes and free tokens by their names, and special ones by their flag", () => {
    const tokens = ["<unk>", "<0x0A>", "<unused0>", "[unused1]", "<|reserved_special_token_3|>", "<b>", "a"];
    const added = [
      [0, "<unk>"],
      [4, "<|reserved_special_token_3|>"],
      [7, "<0x0B>"],
    ] as const;
    const kinds = ["special", "byte", "unused", "unused", "unused", "normal", "normal", "special"];
    expect(parse(tokenizerJsonText({ tokens, added })).kinds).toEqual(kinds);
    const others = parse(tokenizerJsonText({ tokens, spelling: "byte-level" })).kinds;
    expect(others[1], "text in another spelling").toBe("normal");
  });

  test.each([
    "<unused99>",
    "[unused12]",
    "<reserved_106>",
    "<|reserved_special_token_250|>",
    "<|reserved_token_7|>",
    "<|extra_5|>",
    "<|placeholder1|>",
    "<|dummy_12|>",
    "<SPECIAL_20>",
    "[control_8]",
    "<｜place▁holder▁no▁5｜>",
  ])("%s is a free token", (token) => {
    expect(parse(tokenizerJsonText({ tokens: [token] })).kinds).toEqual(["unused"]);
  });

  test.each(["<extra_id_0>", "<unused>", "unused1", "<|im_end|>", "<unused 1>", "<div>", "[1]", "<s>"])(
    "%s is none",
    (token) => {
      expect(parse(tokenizerJsonText({ tokens: [token] })).kinds).toEqual(["normal"]);
    },
  );

  test.each([
    ["{", "the end", "a key in double quotes"],
    ["[]", '"[]"', "a JSON object"],
    ["{}", "none", "model.vocab, an object or a list"],
    ['{"model":{}}', "none", "model.vocab, an object or a list"],
    ['{"model":{"vocab":{}}}', "none", "at least one token"],
    ['{"model":{"vocab":{"a":-1}}}', "-1", "a whole number"],
    ['{"model":{"vocab":{"a":"0"}}}', '"\\"0\\"}}}"', "a token's row"],
    ['{"model":{"vocab":{"a":1.5}}}', "1.5", "a whole number"],
    ['{"model":{"vocab":{"a":1e3}}}', "1e3", "a whole number"],
    ['{"model":{"vocab":{"a":1048576}}}', "1048576", "rows from 0 to 1048575"],
    ['{"model":{"vocab":{"a":1048575}}}', "1048575 rows without one", "rows without a token"],
    ['{"model":{"vocab":{"a":0,"b":0}}}', '"a" and "b"', "one token at row 0"],
    ['{"model":{"vocab":[7]}}', '"7]}}"', "a piece"],
    ['{"model":{"vocab":[[]]}}', '"]}}"', "a piece's string"],
    ['{"model":{"vocab":{"a":0}}} x', '"x"', "nothing after"],
    ['{"model":{"vocab":{"a":0}},"added_tokens":{}}', '"{}}"', "added_tokens: a list"],
    ['{"model":{"vocab":{"a":0}},"added_tokens":[{"id":1}]}', '{"id":1}', "id and content"],
    ['{"model":{"vocab":{"a":0}},"added_tokens":[{"id":1.5,"content":"b"}]}', '"b" at 1.5', "rows from 0"],
    ['{"model":{"vocab":{"a":0,"\\ud800":1}}}', "", "surrogates in pairs"],
  ])("%s is refused", async (text, actual, expected) => {
    const failure = await rejectionOf(() => parse(text));
    expect(failure).toMatchObject({
      code: "tokenizer-invalid",
      where: expect.stringContaining("/model/tokenizer.json"),
    });
    expect(failure.expected).toContain(expected);
    expect(failure.actual).toContain(actual);
  });

  test("with a token as long as a book is refused", async () => {
    const failure = await rejectionOf(() => parse(tokenizerJsonText({ tokens: ["x".repeat(70_000)] })));
    expect(failure).toMatchObject({ code: "tokenizer-invalid", expected: expect.stringContaining("65536 characters") });
  });

  test("of 20 MB with 256,000 tokens and 500,000 merges is read in well under a second", () => {
    const bytes = encodeUtf8(largeTokenizer());
    expect(bytes.length).toBeGreaterThan(20e6);
    // Processor time: what passes on the clock depends on who else uses the machine. Bundled it takes about 0.15 s.
    const times = [0, 1, 2].map(() => {
      const start = process.cpuUsage();
      expect(parseTokenizerJson(bytes, "tokenizer.json").tokenCount).toBe(256_000);
      return process.cpuUsage(start).user / 1000;
    });
    expect(Math.min(...times)).toBeLessThan(900);
  });
});

function largeTokenizer(): string {
  const letters = [..."가나다라마바사아자차카타파하abcdefghijklmnopqrst"];
  const word = (index: number) => {
    let text = "▁";
    for (let rest = index + 1; rest > 0; rest = Math.floor(rest / letters.length))
      text += letters[rest % letters.length];
    return `${text}다`;
  };
  const tokens = Array.from({ length: 256_000 }, (_, row) => word(row));
  const merges = Array.from({ length: 500_000 }, (_, index) => `"${word(index % 256_000)} ${word(index)}"`);
  const vocabulary = tokens.map((token, row) => `      "${token}": ${row}`);
  return `{"model":{"type":"BPE","vocab":{\n${vocabulary.join(",\n")}},"merges":[\n${merges.join(",\n")}]}}`;
}
