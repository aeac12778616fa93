import { describe, expect, test } from "vitest";
import { rejectionOf } from "../test-support/failure-of.ts";
import { MemoryFolder } from "../test-support/memory-folder.ts";
import { memoryFiles, sentencePieceBytes, tokenizerJsonText } from "../test-support/tokenizer-files.ts";
import { modelFilesOf, readVocabulary } from "./read-vocabulary.ts";
import { defaultChatTemplate } from "./vocabulary.ts";

const read = (files: Record<string, string | Uint8Array>) => readVocabulary(memoryFiles(files));
const model = sentencePieceBytes([{ text: "<unk>", type: 2 }, { text: "▁model" }]);
const json = tokenizerJsonText({ tokens: ["<unk>", "▁json"], added: [[0, "<unk>"]] });
const flags = { lstrip: false, normalized: false, rstrip: false, single_word: false, special: true };

describe("a model's vocabulary", () => {
  test("is from tokenizer.json, else vocab.json, else tokenizer.model, else vocab.txt", async () => {
    const files: Record<string, string | Uint8Array> = {
      "tokenizer.json": json,
      "vocab.json": '{"<unk>":0,"vocab":1}',
      "tokenizer.model": model,
      "vocab.txt": "[UNK]\ntext\n",
      "config.json": "not for us",
    };
    for (const file of ["tokenizer.json", "vocab.json", "tokenizer.model", "vocab.txt"]) {
      expect(await read(files)).toMatchObject({ file, tokenCount: 2 });
      delete files[file];
    }
    expect(await read(files)).toBeNull();
  });

  test("that is malformed is an error, and a lesser file is not taken for it", async () => {
    const failure = await rejectionOf(() => read({ "tokenizer.json": "{", "tokenizer.model": model }));
    expect(failure).toMatchObject({
      code: "tokenizer-invalid",
      where: expect.stringContaining("/model/tokenizer.json"),
    });
  });

  test("of vocab.json, tokenizer.model or vocab.txt has the tokens of added_tokens.json and tokenizer_config.json", async () => {
    const beside = {
      "added_tokens.json": '{"<|im_start|>": 3, "[PAD]": 5}',
      "tokenizer_config.json": JSON.stringify({
        added_tokens_decoder: { 3: { content: "<|im_start|>", ...flags }, 4: { content: "<|im_end|>", ...flags } },
        pad_token: "[PAD]",
      }),
    };
    for (const source of [{ "vocab.json": '{"a":0,"b":1}' }, { "tokenizer.model": model }, { "vocab.txt": "a\nb" }]) {
      const vocabulary = await read({ ...source, ...beside });
      expect(vocabulary?.tokens.slice(2)).toEqual([undefined, "<|im_start|>", "<|im_end|>", "[PAD]"]);
      expect(vocabulary?.kinds.slice(3)).toEqual(["special", "special", "special"]);
    }
  });

  test("of tokenizer.json needs no other file; tokenizer_config.json's tokens fill free rows alone", async () => {
    const vocabulary = await read({
      "tokenizer.json": json,
      "added_tokens.json": '{"old": 0}',
      "tokenizer_config.json": JSON.stringify({
        added_tokens_decoder: {
          1: { content: "another", ...flags },
          2: { content: "<|new|>", ...flags },
          7: { content: "▁json", ...flags },
        },
      }),
    });
    expect(vocabulary?.tokens).toEqual(["<unk>", "▁json", "<|new|>"]);
  });

  test("of vocab.txt has a token a line, with either line end", async () => {
    expect((await read({ "vocab.txt": "[PAD]\r\n[unused0]\r\nthe\r\n##s" }))?.tokens).toEqual([
      "[PAD]",
      "[unused0]",
      "the",
      "##s",
    ]);
    expect(await read({ "vocab.txt": "[PAD]\n[unused0]\nthe\n\n##s\n" })).toMatchObject({
      tokens: ["[PAD]", "[unused0]", "the", "", "##s"],
      kinds: ["normal", "unused", "normal", "normal", "normal"],
      spelling: "wordpiece",
    });
  });

  test("knows the roles of its tokens, as strings and as objects; tokenizer_config.json goes before special_tokens_map.json", async () => {
    const vocabulary = await read({
      "vocab.json": '{"<s>":0,"</s>":1,"<pad>":2,"<x>":3,"<y>":4,"<mask>":5}',
      "tokenizer_config.json": JSON.stringify({
        bos_token: { __type: "AddedToken", content: "<s>", ...flags },
        eos_token: "</s>",
        pad_token: null,
        additional_special_tokens: ["<x>"],
        extra_special_tokens: { image: "<y>" },
      }),
      "special_tokens_map.json": '{"eos_token":"<x>","pad_token":{"content":"<pad>"},"mask_token":"<mask>"}',
    });
    expect(vocabulary?.settings).toMatchObject({ bos: "<s>", eos: "</s>", pad: "<pad>", unk: null });
    expect(vocabulary?.settings.otherSpecials).toEqual(["<x>", "<y>", "<mask>"]);
    expect(new Set(vocabulary?.kinds)).toEqual(new Set(["special"]));
  });

  test.each<[string, Record<string, string>, string | null]>([
    ["tokenizer_config.json", { "tokenizer_config.json": '{"chat_template":"one"}' }, "one"],
    [
      "several with names",
      {
        "tokenizer_config.json": '{"chat_template":[{"name":"rag","template":"r"},{"name":"default","template":"d"}]}',
      },
      "d",
    ],
    [
      "chat_template.jinja first",
      { "tokenizer_config.json": '{"chat_template":"one"}', "chat_template.jinja": "two" },
      "two",
    ],
    ["chat_template.json last", { "chat_template.json": '{"chat_template":"three"}' }, "three"],
    ["nowhere", { "tokenizer_config.json": '{"chat_template":null}' }, null],
  ])("has its chat template from %s", async (_, files, template) => {
    const vocabulary = await read({ "vocab.json": '{"a":0}', ...files });
    expect(vocabulary && defaultChatTemplate(vocabulary.settings)).toBe(template);
  });

  test("stands beside Python's NaN and numbers beyond 2^53", async () => {
    const text = '{"model_max_length": 1000000000000000019884624838656, "x": [NaN, -Infinity], "eos_token": "NaN"}';
    const vocabulary = await read({ "vocab.json": '{"NaN":0}', "tokenizer_config.json": text });
    expect(vocabulary?.settings.eos).toBe("NaN");
  });

  test.each<[string, string, string]>([
    ["tokenizer_config.json", "[]", "a JSON object"],
    ["tokenizer_config.json", "{", "key"],
    ["tokenizer_config.json", `{"a":${"[".repeat(100)}${"]".repeat(100)}}`, "64 levels"],
    ["tokenizer_config.json", '{"added_tokens_decoder":{"x":{"content":"a"}}}', "rows with their tokens"],
    ["tokenizer_config.json", '{"added_tokens_decoder":{"1":{}}}', "rows with their tokens"],
    ["tokenizer_config.json", '{"added_tokens_decoder":{"99999999":{"content":"a"}}}', "rows from 0"],
    ["tokenizer_config.json", '{"chat_template":7}', "names and templates"],
    ["special_tokens_map.json", "null", "a JSON object"],
    ["added_tokens.json", '{"a":"1"}', "tokens with their rows"],
    ["added_tokens.json", '{"a":-1}', "rows from 0"],
    ["vocab.json", '{"a":null}', "a token's row"],
  ])("with %s of %s is refused", async (name, text, expected) => {
    const failure = await rejectionOf(() => read({ "vocab.json": '{"a":0}', [name]: text }));
    expect(failure).toMatchObject({ code: "tokenizer-invalid", where: expect.stringContaining(`/model/${name}`) });
    expect(failure.expected).toContain(expected);
  });

  test("is read from a checkpoint's folder, of which one file may have been picked", async () => {
    const entries = {
      "model.safetensors": new Uint8Array(8),
      "tokenizer.json": json,
      images: { kind: "folder" },
    } as const;
    for (const folder of [new MemoryFolder(entries), new MemoryFolder(entries, "model.safetensors")]) {
      const files = modelFilesOf(folder);
      expect(files.path).toBe("/model");
      expect(await files.list()).toEqual(["model.safetensors", "tokenizer.json"]);
      expect((await readVocabulary(files))?.tokens).toEqual(["<unk>", "▁json"]);
    }
    const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n";
    const failure = await rejectionOf(() =>
      readVocabulary(modelFilesOf(new MemoryFolder({ "tokenizer.json": pointer }))),
    );
    expect(failure.code).toBe("lfs-pointer");
  });
});
