import { describe, expect, test } from "vitest";
import { parseTokenizerJson } from "./vocabulary.ts";

const parse = (root: unknown) => parseTokenizerJson(JSON.stringify(root), "tokenizer.json").tokens;

describe("a tokenizer.json", () => {
  test("of BPE, WordPiece or WordLevel has an object, of Unigram a list", () => {
    expect(parse({ model: { type: "BPE", vocab: { b: 1, a: 0, "10": 2 } } })).toEqual(["a", "b", "10"]);
    expect(
      parse({
        model: {
          type: "Unigram",
          vocab: [
            ["<unk>", 0],
            ["▁a", -1.5],
          ],
        },
      }),
    ).toEqual(["<unk>", "▁a"]);
  });

  test("has added tokens, which win, and may leave rows without a token", () => {
    const added = [
      { id: 1, content: "<s>" },
      { id: 4, content: "<|im_end|>" },
    ];
    expect(parse({ added_tokens: added, model: { vocab: { a: 0, b: 1 } } })).toEqual([
      "a",
      "<s>",
      undefined,
      undefined,
      "<|im_end|>",
    ]);
  });

  test.each([
    ["{", "JSON"],
    ["[]", "a JSON object"],
    ["{}", "model.vocab"],
    ['{"model":{"vocab":{"a":-1}}}', "whole numbers"],
    ['{"model":{"vocab":{"a":"0"}}}', "whole numbers"],
    ['{"model":{"vocab":{"a":1e12}}}', "rows below"],
    ['{"model":{"vocab":[7]}}', "whole numbers"],
  ])("%s is refused with what was expected", (text, expected) => {
    expect(() => parseTokenizerJson(text, "tokenizer.json")).toThrow(expected);
  });
});
