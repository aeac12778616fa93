import { describe, expect, test } from "vitest";
import { sketchLlama } from "../test-support/checkpoints.ts";
import { baseHints } from "./base-hints.ts";
import { cardParents } from "./card-parents.ts";
import { type CardRelation, isCalled, layoutOf, type Parent } from "./model-kinship.ts";
import { type Kin, type KinRole, proposeRoles } from "./propose-roles.ts";

interface Sketch {
  readonly card?: readonly string[];
  readonly relation?: Exclude<CardRelation, "quantized">;
  readonly config?: string;
  readonly template?: boolean;
  readonly layout?: string;
  readonly vocabulary?: number;
}

function kin(
  name: string,
  { card = [], relation, config, template = false, layout = "a", vocabulary = 32000 }: Sketch = {},
): Kin {
  const parents: Parent[] = card.map((parent) => ({
    name: parent,
    saidBy: "card",
    ...(relation === undefined ? {} : { relation }),
  }));
  if (config !== undefined) parents.push({ name: config, saidBy: "config" });
  const kinship = { names: [name], parents, hasChatTemplate: template, layout };
  return { id: name, name, kinship, vocabularySize: vocabulary };
}

const rolesOf = (newcomers: readonly Kin[], present: Partial<Record<KinRole, Kin>> = {}) =>
  Object.fromEntries(proposeRoles(newcomers, present).map(({ id, role }) => [id, role]));

const base = kin("Llama-2-7b-hf");
const chat = kin("Llama-2-7b-chat-hf", { template: true });
const target = kin("llama-2-ko-7b", { config: "meta-llama/Llama-2-7b-hf", vocabulary: 46336 });

/** Every order of three things. */
const orders = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];

describe("roles", () => {
  test.each<readonly [string, readonly [Kin, Kin, Kin]]>([
    ["Llama 2 and a Korean one", [target, chat, base]],
    ["the samples", [kin("target"), kin("chat", { template: true }), kin("base")]],
    [
      "models with cards and names that say nothing",
      [
        kin("one", { card: ["org/three"], vocabulary: 50000 }),
        kin("two", { card: ["org/three"], template: true }),
        kin("three"),
      ],
    ],
    [
      "Qwen, whose base has a chat template too",
      [
        kin("qwen-ja", { card: ["Qwen/Qwen2-7B"] }),
        kin("Qwen2-7B-Instruct", { template: true }),
        kin("Qwen2-7B", { template: true }),
      ],
    ],
    ["Gemma", [kin("gemma-2-9b-cpt"), kin("gemma-2-9b-it", { template: true }), kin("gemma-2-9b")]],
  ])("of %s are found in whatever order they come", (_, models) => {
    const expected = Object.fromEntries(models.map(({ id }, index) => [id, ["target", "chat", "base"][index]]));
    for (const order of orders) {
      const dropped = order.flatMap((index) => models[index] ?? []);
      expect(rolesOf(dropped)).toEqual(expected);
    }
  });

  test("of one newcomer are found beside those that are there", () => {
    expect(proposeRoles([chat], { base })).toEqual([
      {
        id: chat.id,
        role: "chat",
        because: "is called a chat model, has a chat template and has the shapes of Llama-2-7b-hf",
        isGuess: false,
      },
    ]);
    expect(rolesOf([base], { chat, target })).toEqual({ [base.id]: "base" });
    const because = proposeRoles([base], { target })[0]?.because;
    expect(because).toContain("is what llama-2-ko-7b says it was made of");
  });

  test("that are free go before those that are taken", () => {
    expect(rolesOf([chat], { chat: kin("other-chat") })).not.toEqual({ [chat.id]: "chat" });
    expect(rolesOf([chat], { chat: kin("other-chat"), base, target })).toEqual({ [chat.id]: "chat" });
  });

  test("are a guess where nothing speaks for them, and other shapes are said", () => {
    const [only] = proposeRoles([kin("x")], {});
    expect(only).toMatchObject({ isGuess: true, because: "says nothing of its role" });
    const [unlike] = proposeRoles([kin("y-chat", { layout: "b", template: true })], { base: kin("z") });
    expect(unlike?.because).toBe("is called a chat model, has a chat template, but has other shapes than z");
  });

  test("do not make a base of what went into a merge", () => {
    const card = ["org/llama-ko", "org/llama-instruct", "org/llama"];
    const merged = kin("llama-ko-merged", { card, relation: "merge", template: true });
    const [proposed] = proposeRoles([kin("llama-ko")], { target: merged });
    expect(proposed?.because).not.toContain("made of");
  });

  test("go to three of many, and the others are told", () => {
    const five = [target, chat, base, kin("x"), kin("y")];
    const proposals = proposeRoles(five, {});
    expect(proposals.filter(({ role }) => role !== null).map(({ role }) => role)).toEqual(["target", "chat", "base"]);
    expect(proposals.filter(({ role }) => role === null).map(({ because }) => because)).toEqual([
      "finds no role left",
      "finds no role left",
    ]);
  });
});

describe("a name", () => {
  test("means a model by its id or its last word, whoever owns it where nobody says", () => {
    const names = { names: ["meta-llama/Llama-2-7b-hf"] };
    for (const name of [
      "meta-llama/llama-2-7B-hf",
      "Llama-2-7b-hf",
      "/data/models/Llama-2-7b-hf/",
      "C:\\m\\Llama-2-7b-hf",
    ])
      expect([name, isCalled(names, name)]).toEqual([name, true]);
    for (const name of ["someone/Llama-2-7b-hf", "Llama-2-7b", "", "/"]) expect(isCalled(names, name)).toBe(false);
  });
});

describe("layouts", () => {
  test("are equal whatever the prefix of names and the size of the vocabulary, and differ with the layers", () => {
    const layout = layoutOf(sketchLlama("a"));
    expect(layoutOf(sketchLlama("b", { prefix: "language_model.model." }))).toBe(layout);
    const narrow = sketchLlama("c");
    expect(layoutOf({ ...narrow, tensors: narrow.tensors.slice(0, -3) })).not.toBe(layout);
  });
});

describe("a model card", () => {
  test.each<readonly [string, readonly string[]]>([
    ["---\nlicense: mit\nbase_model: org/name\n---\n# A", ["org/name"]],
    ["\uFEFF---\r\nbase_model:\r\n- org/a\r\n- b\r\ntags: [x]\r\n---\r\n", ["org/a", "b"]],
    ["---\nbase_model: [org/a, 'b/c']\nmodel-index: {{broken\n---\n", ["org/a", "b/c"]],
    ["---\nbase_model:\n  - org/a\n\n  - 5\nx: 1\n---", ["org/a"]],
    ["---\nbase_model: &a [*a, *a]\n---", []],
    ["---\nbase_model: {a: b}\n---", []],
    ["---\nbase_model: [\n---", []],
    ["# base_model: org/name", []],
    ["---\nbase_model_relation: merge\n---", []],
    [`---\nbase_model: ${"[".repeat(10_000)}\n---`, []],
    ["", []],
  ])("%j names %j", (text, names) => expect(cardParents(text).map(({ name }) => name)).toEqual(names));

  test.each([
    ["finetune", [{ name: "org/name", saidBy: "card" }]],
    ["something-new", [{ name: "org/name", saidBy: "card" }]],
    ["adapter", [{ name: "org/name", saidBy: "card", relation: "adapter" }]],
    ["merge", [{ name: "org/name", saidBy: "card", relation: "merge" }]],
    ["quantized", []],
    ["{a: [", [{ name: "org/name", saidBy: "card" }]],
  ])("says that its model is a %s of what it names", (relation, parents) => {
    expect(cardParents(`---\nbase_model_relation: ${relation}\nbase_model: org/name\n---\n`)).toEqual(parents);
  });
});

describe("a base", () => {
  test("is proposed as what most name, then what one names, then the chat model's name without its word", () => {
    const models = [
      kin("llama-2-ko-7b", { config: "org/other", card: ["meta-llama/Llama-2-7b-hf"] }),
      kin("Llama-2-7b-chat-hf", { card: ["meta-llama/Llama-2-7b-hf"] }),
    ];
    expect(baseHints(models)).toEqual([
      { name: "meta-llama/Llama-2-7b-hf", because: "llama-2-ko-7b and Llama-2-7b-chat-hf name it" },
      { name: "org/other", because: "The config.json of llama-2-ko-7b names it" },
      { name: "Llama-2-7b-hf", because: "Its name is that of Llama-2-7b-chat-hf without “chat”" },
    ]);
    const adapter = kin("tuned", { card: ["org/one"], relation: "adapter" });
    const merge = kin("mixed", { card: ["org/two", "org/three"], relation: "merge" });
    expect(baseHints([adapter, merge, kin("other", { card: ["org/four"] })])).toEqual([
      { name: "org/four", because: "The model card of other names it" },
      { name: "org/one", because: "tuned calls itself an adapter of it" },
    ]);
    expect(baseHints([kin("italic"), kin("item-it")])).toEqual([
      { name: "item", because: "Its name is that of item-it without “it”" },
    ]);
  });
});
