import { describe, expect, test } from "vitest";
import { encodeUtf8 } from "../checkpoint/utf8.ts";
import { rejectionOf } from "../test-support/failure-of.ts";
import { type PieceParts, sentencePieceBytes } from "../test-support/tokenizer-files.ts";
import { readSentencePieceModel } from "./sentencepiece.ts";
import { VocabularyBuilder } from "./vocabulary-builder.ts";

const where = "/model/tokenizer.model";

function read(bytes: Uint8Array) {
  const builder = new VocabularyBuilder("tokenizer.model", where);
  readSentencePieceModel(builder, bytes, where);
  return builder.build();
}

const pieces: PieceParts[] = [
  { text: "<unk>", type: 2 },
  { text: "<s>", type: 3 },
  { text: "<0x0A>", type: 6 },
  { text: "▁a" },
  { text: "<unused0>", type: 4 },
  { text: "한국", type: 4 },
  { text: "gone", type: 5 },
  { text: "<0x41>" },
];

describe("a SentencePiece model", () => {
  test("gives its pieces the rows of their places, and their types", () => {
    const vocabulary = read(sentencePieceBytes(pieces));
    expect(vocabulary.tokens).toEqual(pieces.map(({ text }) => text));
    const kinds = ["special", "special", "byte", "normal", "unused", "normal", "unused", "normal"];
    expect(vocabulary.kinds).toEqual(kinds);
    expect(vocabulary).toMatchObject({ spelling: "sentencepiece", file: "tokenizer.model", tokenCount: 8 });
  });

  test("may have fields that are not known, of every wire type", () => {
    // Field 200: a varint, 8 bytes, a string of 2 bytes, 4 bytes.
    const unknown = [
      0xc0,
      0x0c,
      0xff,
      0x01,
      0xc1,
      0x0c,
      ...new Array(8).fill(1),
      0xc2,
      0x0c,
      2,
      9,
      9,
      0xc5,
      0x0c,
      1,
      2,
      3,
      4,
    ];
    const vocabulary = read(Uint8Array.from([...unknown, ...sentencePieceBytes(pieces), ...unknown]));
    expect(vocabulary.tokens).toEqual(pieces.map(({ text }) => text));
  });

  const valid = sentencePieceBytes(pieces);

  test.each<[string, Uint8Array, string, string]>([
    ["without a piece", Uint8Array.of(), "at least one token", "none"],
    ["that is a tiktoken file", encodeUtf8("IQ== 0\nIg== 1\n"), "a SentencePiece model", "tiktoken"],
    ["that is text", encodeUtf8("version https://git-lfs…"), "a protobuf wire type", "6"],
    ["that ends in a piece", valid.subarray(0, 9), "a field that ends within its message", "bytes of"],
    ["that ends in a length", Uint8Array.of(0x0a), "a whole number", "the message's end"],
    [
      "with a length beyond the file",
      Uint8Array.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f),
      "within its message",
      "4294967295",
    ],
    [
      "with a number of eleven bytes",
      Uint8Array.from([0x08, ...new Array(11).fill(0x80)]),
      "at most 10 bytes",
      "longer",
    ],
    ["with a group", Uint8Array.of(0x0b), "a protobuf wire type", "3"],
    ["with field 0", Uint8Array.of(0x02, 0x00), "a protobuf field number", "0"],
    ["with a piece that is a number", Uint8Array.of(0x08, 0x01), "a piece of wire type 2", "wire type 0"],
    ["with a piece without text", Uint8Array.of(0x0a, 0x00), "a piece with its text", "none"],
    ["with text that is no UTF-8", Uint8Array.of(0x0a, 0x03, 0x0a, 0x01, 0xff), "a piece in UTF-8", "other bytes"],
    [
      "with text that is a number",
      Uint8Array.of(0x0a, 0x02, 0x08, 0x01),
      "a piece's text of wire type 2",
      "wire type 0",
    ],
    [
      "with a score of a byte",
      Uint8Array.of(0x0a, 0x05, 0x0a, 0x01, 0x61, 0x10, 0x01),
      "a piece's score",
      "wire type 0",
    ],
    ["with a type that is none", sentencePieceBytes([{ text: "a", type: 7 }]), "a piece's type from 1 to 6", "7"],
    ["with a byte that is none", sentencePieceBytes([{ text: "<0xZZ>", type: 6 }]), "a byte like <0x0A>", "0xZZ"],
  ])("%s is refused", async (_, bytes, expected, actual) => {
    const failure = await rejectionOf(() => read(bytes));
    expect(failure).toMatchObject({ code: "tokenizer-invalid", where: expect.stringContaining(where) });
    expect(failure.expected).toContain(expected);
    expect(failure.actual).toContain(actual);
  });
});
