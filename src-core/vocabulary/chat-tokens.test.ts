import { describe, expect, test } from "vitest";
import { rejectionOf } from "../test-support/failure-of.ts";
import { memoryFiles, type TokenizerParts, tokenizerJsonText } from "../test-support/tokenizer-files.ts";
import { chatTokenOffers, templateRolesMissing, templateTokensMissing } from "./chat-token-offers.ts";
import { type ChatTokenChoice, planChatTokens, withChatTokens } from "./plan-chat-tokens.ts";
import { readVocabulary } from "./read-vocabulary.ts";
import type { Vocabulary } from "./vocabulary.ts";

async function vocabulary(parts: TokenizerParts, config: object = {}): Promise<Vocabulary> {
  const files = { "tokenizer.json": tokenizerJsonText(parts), "tokenizer_config.json": JSON.stringify(config) };
  const read = await readVocabulary(memoryFiles(files));
  if (read === null) throw new Error("no vocabulary");
  return read;
}

const template = "{{ bos_token }}<|im_start|>{{ message }}<|im_end|><tool>";

const chat = await vocabulary(
  {
    tokens: ["<unk>", "▁a", "▁b", "<unused0>"],
    added: [
      [0, "<unk>"],
      [4, "<|im_start|>"],
      [5, "<|im_end|>"],
      [6, "<tool>"],
      [7, "<s>"],
    ],
    plain: ["<tool>"],
  },
  { eos_token: "<|im_end|>", bos_token: "<s>", chat_template: template },
);
const target = await vocabulary({
  tokens: ["<unk>", "▁a", "▁own", "<unused0>", "<unused1>"],
  added: [
    [0, "<unk>"],
    [5, "<s>"],
  ],
});
const both = { chat, target };
const rows = { chat: 8, target: 8 };

describe("offers of the chat model's tokens", () => {
  const found = chatTokenOffers(both, rows);

  test("are its special and added ones, with where the target has them", () => {
    expect(found.offers.map(({ token, presence, targetRow }) => [token, presence, targetRow])).toEqual([
      ["<unk>", "same-row", 0],
      ["<|im_start|>", "missing", null],
      ["<|im_end|>", "missing", null],
      ["<tool>", "missing", null],
      ["<s>", "other-row", 5],
    ]);
  });

  test("say what the chat model uses them for, and with which flags", () => {
    const by = new Map(found.offers.map((offer) => [offer.token, offer]));
    expect(by.get("<|im_end|>")).toMatchObject({
      roles: ["eos"],
      inTemplate: true,
      chatRow: 5,
      added: { special: true },
    });
    expect(by.get("<tool>")).toMatchObject({ roles: [], inTemplate: true, added: { special: false } });
    expect(by.get("<s>")).toMatchObject({ roles: ["bos"], inTemplate: false });
  });

  test("come with the target's free rows, its padding, and the next row", () => {
    expect(found.unusedRows).toEqual([
      { row: 3, token: "<unused0>" },
      { row: 4, token: "<unused1>" },
    ]);
    expect(found).toMatchObject({ appendRow: 6, paddingCount: 2 });
    expect(chatTokenOffers(both, { chat: 8, target: 6 })).toMatchObject({ appendRow: 6, paddingCount: 0 });
    // The target's last token has no row of the embedding: nothing can follow it.
    expect(chatTokenOffers(both, { chat: 8, target: 5 })).toMatchObject({ appendRow: null, paddingCount: 0 });
    // And a chat token without a row cannot be given away.
    expect(chatTokenOffers(both, { chat: 5, target: 8 }).offers.map(({ token }) => token)).toEqual([
      "<unk>",
      "<|im_start|>",
    ]);
  });

  test("and the template tell which of its tokens a model would lack", () => {
    expect(templateTokensMissing(template, chat, target)).toEqual(["<|im_start|>", "<|im_end|>", "<tool>"]);
    expect(templateTokensMissing(template, chat, chat)).toEqual([]);
    expect(templateRolesMissing(template, target.settings)).toEqual(["bos"]);
    expect(templateRolesMissing(template, chat.settings)).toEqual([]);
  });
});

const append = { kind: "append" } as const;

describe("a plan of chat tokens", () => {
  test("gives each its row: of the same string, of a free token, of padding, then new ones", () => {
    const choices: ChatTokenChoice[] = [
      { token: "<|im_start|>", placement: append },
      { token: "<tool>", placement: append },
      { token: "▁b", placement: append },
      { token: "<|im_end|>", placement: { kind: "unused", row: 4 } },
      { token: "<s>", placement: { kind: "same-token" } },
    ];
    const plan = planChatTokens(choices, both, rows);
    const summary = plan.placed.map(({ token, chatRow, targetRow, isNewRow, replaces }) => [
      token,
      chatRow,
      targetRow,
      isNewRow,
      replaces,
    ]);
    expect(summary).toEqual([
      ["<|im_end|>", 5, 4, false, "<unused1>"],
      ["<s>", 7, 5, false, null],
      ["<|im_start|>", 4, 6, false, null],
      ["<tool>", 6, 7, false, null],
      ["▁b", 2, 8, true, null],
    ]);
    expect(plan.rowCount).toBe(9);
    const output = withChatTokens(target, plan.placed);
    expect(output.tokens.slice(3)).toEqual(["<unused0>", "<|im_end|>", "<s>", "<|im_start|>", "<tool>", "▁b"]);
    expect(output.kinds.slice(3)).toEqual(["unused", "special", "special", "special", "normal", "normal"]);
    expect(output.tokenCount).toBe(9);
    expect(templateTokensMissing(template, chat, output)).toEqual([]);
  });

  test("without choices changes nothing", () => {
    expect(planChatTokens([], both, rows)).toEqual({ placed: [], rowCount: 8 });
  });

  test.each<[string, ChatTokenChoice[], string]>([
    ["a token that chat lacks", [{ token: "<none>", placement: append }], "none of that name"],
    [
      "a token twice",
      [
        { token: "<tool>", placement: append },
        { token: "<tool>", placement: append },
      ],
      "chosen twice",
    ],
    ["a second row for a token that the target has", [{ token: "<s>", placement: append }], "it is at row 5"],
    [
      "the same token where the target lacks it",
      [{ token: "<tool>", placement: { kind: "same-token" } }],
      "the target lacks it",
    ],
    ["a row that is not free", [{ token: "<tool>", placement: { kind: "unused", row: 1 } }], 'row 1, "▁a"'],
    ["a row that is not there", [{ token: "<tool>", placement: { kind: "unused", row: 99 } }], "row 99"],
    [
      "one row for two",
      [
        { token: "<tool>", placement: { kind: "unused", row: 3 } },
        { token: "<|im_end|>", placement: { kind: "unused", row: 3 } },
      ],
      'row 3, given to "<tool>"',
    ],
  ])("refuses %s", async (_, choices, actual) => {
    const failure = await rejectionOf(() => planChatTokens(choices, both, rows));
    expect(failure).toMatchObject({ code: "recipe-invalid", actual: expect.stringContaining(actual) });
    expect(failure.where).toBe(JSON.stringify(choices.at(-1)?.token));
  });

  test("refuses to append to a target whose tokens are more than its rows", async () => {
    const failure = await rejectionOf(() =>
      planChatTokens([{ token: "<tool>", placement: append }], both, { chat: 8, target: 5 }),
    );
    expect(failure).toMatchObject({ code: "recipe-invalid", actual: "6 tokens for 5 rows" });
  });
});
