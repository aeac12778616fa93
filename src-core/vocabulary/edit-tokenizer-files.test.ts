import { describe, expect, test } from "vitest";
import { decodeUtf8 } from "../checkpoint/utf8.ts";
import { rejectionOf } from "../test-support/failure-of.ts";
import { fileBytes } from "../test-support/random-vocabularies.ts";
import { memoryFiles, sentencePieceBytes, tokenizerJsonText } from "../test-support/tokenizer-files.ts";
import { assignedRows } from "./added-token-rows.ts";
import { editTokenizerFiles } from "./edit-tokenizer-files.ts";
import { type ChatTokenChoice, planChatTokens, withChatTokens } from "./plan-chat-tokens.ts";
import { readVocabulary } from "./read-vocabulary.ts";
import type { TokenizerChanges } from "./tokenizer-changes.ts";
import { areEqualVocabularies, type Vocabulary } from "./vocabulary.ts";

type Contents = Record<string, string | Uint8Array>;

const chatFiles: Contents = {
  "tokenizer.json": tokenizerJsonText({
    tokens: ["<unk>", "▁a"],
    added: [
      [2, "<|im_start|>"],
      [3, "<|im_end|>"],
      [4, "<tool>"],
      [5, "<s>"],
    ],
    plain: ["<tool>"],
  }),
  "tokenizer_config.json": JSON.stringify({ eos_token: "<|im_end|>", chat_template: "<|im_start|>{{ x }}<|im_end|>" }),
};

async function vocabularyOf(files: Contents): Promise<Vocabulary> {
  const vocabulary = await readVocabulary(memoryFiles(files));
  if (vocabulary === null) throw new Error("no vocabulary");
  return vocabulary;
}

/** The folder's files with the changes made to them, and the vocabulary that was planned. */
async function changed(
  files: Contents,
  choices: ChatTokenChoice[],
  more: Partial<TokenizerChanges> = {},
  rowCount = 64,
) {
  const target = await vocabularyOf(files);
  const chat = await vocabularyOf(chatFiles);
  const { placed } = planChatTokens(choices, { chat, target }, { chat: 6, target: rowCount });
  const bytes = new Map(Object.entries(files).map(([name, contents]) => [name, fileBytes(contents)]));
  const edits = editTokenizerFiles(bytes, "/model", { placed, roles: {}, chatTemplates: null, ...more });
  const result: Contents = { ...files };
  for (const [name, contents] of edits) {
    if (contents === null) delete result[name];
    else result[name] = name.endsWith(".model") ? contents : (decodeUtf8(contents) ?? "");
  }
  return { result, planned: withChatTokens(target, placed), changedNames: [...edits.keys()].sort() };
}

const append = { kind: "append" } as const;
const unused = (row: number) => ({ kind: "unused", row }) as const;
const flags = { lstrip: false, normalized: false, rstrip: false, single_word: false, special: true };

const choices: ChatTokenChoice[] = [
  { token: "<|im_start|>", placement: unused(2) },
  { token: "<|im_end|>", placement: append },
  { token: "<tool>", placement: append },
];

const tokens = ["<unk>", "▁a", "<unused0>", "▁b"];
const bpe = tokenizerJsonText({ tokens, added: [[0, "<unk>"]] });

const layouts: Record<string, Contents> = {
  "tokenizer.json of BPE": { "tokenizer.json": bpe },
  "tokenizer.json on one line": { "tokenizer.json": JSON.stringify(JSON.parse(bpe)) },
  "tokenizer.json of Unigram": { "tokenizer.json": tokenizerJsonText({ type: "Unigram", tokens }) },
  "tokenizer.json whose free token is an added one": {
    "tokenizer.json": tokenizerJsonText({
      tokens: ["<unk>", "▁a"],
      added: [
        [2, "<unused0>"],
        [3, "▁b"],
      ],
      plain: ["▁b"],
    }),
  },
  "tokenizer.json and tokenizer_config.json": {
    "tokenizer.json": bpe,
    "tokenizer_config.json": JSON.stringify({ added_tokens_decoder: { 0: { content: "<unk>", ...flags } } }, null, 2),
    "special_tokens_map.json": '{"additional_special_tokens": ["<unused0>"]}',
  },
  "tokenizer.model, tokenizer_config.json": {
    "tokenizer.model": sentencePieceBytes(
      tokens.map((text, row) => ({ text, type: row === 0 ? 2 : row === 2 ? 4 : 1 })),
    ),
    "tokenizer_config.json": JSON.stringify({ added_tokens_decoder: {} }),
  },
  "tokenizer.model alone": { "tokenizer.model": sentencePieceBytes(tokens.map((text) => ({ text }))) },
  "vocab.json, added_tokens.json": {
    "vocab.json": '{"<unk>": 0, "▁a": 1, "<unused0>": 2}',
    "added_tokens.json": '{"▁b": 3}',
  },
  "vocab.txt": { "vocab.txt": "[UNK]\nthe\n[unused0]\n##s\n" },
};

describe.each(Object.entries(layouts))("a tokenizer of %s", (_, files) => {
  test("has the chat model's tokens in the rows that were planned", async () => {
    const { result, planned } = await changed(files, choices);
    const vocabulary = await vocabularyOf(result);
    expect(vocabulary.tokens).toEqual(planned.tokens);
    expect(vocabulary.tokens.slice(4)).toEqual(["<|im_end|>", "<tool>"]);
    expect(areEqualVocabularies(vocabulary, planned)).toBe(true);
  });

  test("without changes stays as it is", async () => {
    expect((await changed(files, [])).changedNames).toEqual([]);
  });
});

describe("an edited tokenizer.json", () => {
  test("differs in the lines of the tokens alone", async () => {
    const { result } = await changed({ "tokenizer.json": bpe }, choices);
    const before = bpe.split("\n");
    const after = String(result["tokenizer.json"]).split("\n");
    const gone = before.filter((line) => !after.includes(line));
    expect(gone).toEqual(['      "<unused0>": 2,']);
    expect(after).toContain('      "<|im_start|>": 2,');
    expect(JSON.parse(after.join("\n")).added_tokens.slice(1)).toEqual([
      { id: 2, content: "<|im_start|>", ...flags },
      { id: 4, content: "<|im_end|>", ...flags },
      { id: 5, content: "<tool>", ...flags, special: false },
    ]);
  });

  test("makes a token of the same string an added one, so that it is found in text", async () => {
    const files = { "tokenizer.json": tokenizerJsonText({ tokens: ["<unk>", "<|im_end|>"] }) };
    const { result } = await changed(files, [{ token: "<|im_end|>", placement: { kind: "same-token" } }]);
    const { added_tokens, model } = JSON.parse(String(result["tokenizer.json"]));
    expect(added_tokens).toEqual([{ id: 1, content: "<|im_end|>", ...flags }]);
    expect(model.vocab).toEqual({ "<unk>": 0, "<|im_end|>": 1 });
  });

  test("has a token in its vocabulary too where the library would number it otherwise", async () => {
    // Nine tokens, the last at row 9: the library gives an added token row 9.
    const gapped = ["a", "b", "c", undefined, "e", "f", "g", "h", "i", "j"];
    const { result } = await changed({ "tokenizer.json": tokenizerJsonText({ tokens: gapped }) }, choices.slice(1));
    const { added_tokens, model } = JSON.parse(String(result["tokenizer.json"]));
    expect(model.vocab).toMatchObject({ "<|im_end|>": 10, "<tool>": 11 });
    expect(added_tokens.map(({ id }: { id: number }) => id)).toEqual([10, 11]);
  });

  test("is refused where a list of pieces cannot hold the row", async () => {
    const files = { "tokenizer.json": tokenizerJsonText({ type: "Unigram", tokens: ["a"], added: [[5, "<x>"]] }) };
    const failure = await rejectionOf(() => changed(files, [{ token: "<tool>", placement: append }]));
    expect(failure).toMatchObject({
      code: "tokenizer-invalid",
      expected: 'row 6 for "<tool>"',
      actual: expect.stringContaining("row 2"),
    });
  });
});

describe("the rows that the tokenizers library assigns", () => {
  // Each was seen in tokenizers 0.22.2 and 0.23.2.
  test.each<[string[], Record<string, number>, number[]]>([
    [["y", "x"], { a: 0, b: 1 }, [2, 3]],
    [["x", "y", "z", "p", "q"], { a: 0, b: 1, x: 5 }, [5, 3, 4, 5, 6]],
    [["y", "x"], { a: 0, b: 9 }, [2, 3]],
    [["x", "y"], { a: 0, b: 9, x: 10 }, [10, 3]],
    [["x", "y"], { a: 5 }, [1, 2]],
    [["x", "y", "y", "z"], { a: 0, x: 1, b: 2 }, [1, 3, 3, 4]],
    [["x", "y", "z"], { a: 0, b: 1, x: 3, y: 7 }, [3, 7, 4]],
    [["x", "y"], {}, [0, 1]],
  ])("to %j beside %j are %j", (added, vocabulary, rows) => {
    expect(assignedRows(added, (token) => vocabulary[token], Object.keys(vocabulary).length)).toEqual(rows);
  });
});

describe("an edited tokenizer_config.json", () => {
  const config =
    '{\n  "added_tokens_decoder": {\n    "2": {\n      "content": "<unused0>"\n    }\n  },\n  "eos_token": {\n    "content": "</s>"\n  },\n' +
    '  "additional_special_tokens": [\n    "<unused0>"\n  ],\n  "model_max_length": 1000000000000000019884624838656,\n  "chat_template": "old"\n}\n';

  test("has tokens, roles and template, and all else as it was", async () => {
    const more = { roles: { eos: "<|im_end|>", pad: null }, chatTemplates: [{ name: "default", template: "new\n" }] };
    const { result } = await changed({ "tokenizer.json": bpe, "tokenizer_config.json": config }, choices, more);
    const text = String(result["tokenizer_config.json"]);
    expect(text).toContain(
      '  "model_max_length": 1000000000000000019884624838656,\n  "chat_template": "new\\n",\n  "pad_token": null\n}\n',
    );
    expect(JSON.parse(text)).toMatchObject({
      added_tokens_decoder: {
        2: { content: "<|im_start|>", ...flags },
        4: { content: "<|im_end|>" },
        5: { special: false },
      },
      eos_token: "<|im_end|>",
      additional_special_tokens: ["<|im_start|>"],
    });
  });

  test("keeps templates with names as a list", async () => {
    const chatTemplates = [
      { name: "default", template: "d" },
      { name: "rag", template: "r" },
    ];
    const { result } = await changed({ "tokenizer.json": bpe, "tokenizer_config.json": config }, [], { chatTemplates });
    expect(JSON.parse(String(result["tokenizer_config.json"])).chat_template).toEqual(chatTemplates);
  });

  test("is made where a role or template needs it, and a template's own file says the same", async () => {
    const chatTemplates = [{ name: "default", template: "new" }];
    const files = {
      "tokenizer.json": bpe,
      "chat_template.jinja": "old",
      "chat_template.json": '{"chat_template":"old"}',
    };
    const one = await changed(files, [], { chatTemplates, roles: { eos: "▁a" } });
    expect(JSON.parse(String(one.result["tokenizer_config.json"]))).toEqual({ eos_token: "▁a", chat_template: "new" });
    expect(one.result).toMatchObject({ "chat_template.jinja": "new", "chat_template.json": '{"chat_template":"new"}' });
    const several = await changed(files, [], { chatTemplates: [...chatTemplates, { name: "rag", template: "r" }] });
    expect(Object.keys(several.result).sort()).toEqual(["tokenizer.json", "tokenizer_config.json"]);
  });

  test("special_tokens_map.json follows", async () => {
    const files = {
      "tokenizer.json": bpe,
      "special_tokens_map.json": '{"eos_token": {"content": "</s>"}, "unk_token": "<unk>"}',
    };
    const { result } = await changed(files, [], { roles: { eos: "▁a" } });
    expect(result["special_tokens_map.json"]).toBe('{"eos_token": "▁a", "unk_token": "<unk>"}');
  });
});

describe("an edited tokenizer.model", () => {
  const pieces = [
    { text: "<unk>", type: 2, score: 0 },
    { text: "<unused0>", type: 4, score: -7.25 },
    { text: "▁a", score: -1 },
  ];

  test("has free pieces renamed, with their scores, and is else the same to the byte", async () => {
    const { result, changedNames } = await changed({ "tokenizer.model": sentencePieceBytes(pieces) }, [
      { token: "<|im_end|>", placement: unused(1) },
    ]);
    const expected = sentencePieceBytes(
      [pieces[0], { text: "<|im_end|>", type: 3, score: -7.25 }, pieces[2]].flatMap((piece) => piece ?? []),
    );
    expect(result["tokenizer.model"]).toEqual(expected);
    expect(changedNames).toEqual(["added_tokens.json", "tokenizer.model"]);
  });

  test("has other tokens than special ones as user-defined pieces", async () => {
    const { result } = await changed({ "tokenizer.model": sentencePieceBytes(pieces) }, [
      { token: "<tool>", placement: unused(1) },
    ]);
    const expected = sentencePieceBytes(
      [pieces[0], { text: "<tool>", type: 4, score: -7.25 }, pieces[2]].flatMap((piece) => piece ?? []),
    );
    expect(result["tokenizer.model"]).toEqual(expected);
  });

  test("stays as it is beside a tokenizer.json when it is a tiktoken file", async () => {
    const files = { "tokenizer.json": bpe, "tokenizer.model": new TextEncoder().encode("IQ== 0\nIg== 1\n") };
    expect((await changed(files, choices)).changedNames).toEqual(["tokenizer.json"]);
  });
});
