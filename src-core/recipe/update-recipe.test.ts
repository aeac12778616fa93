import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rejectionOf } from "../test-support/failure-of.ts";
import { formatRecipe } from "./format-recipe.ts";
import { parseRecipe } from "./parse-recipe.ts";
import type { Recipe } from "./recipe.ts";
import { commentedText, commentsOf, recipes } from "./test-recipes.fixture.ts";
import { updateRecipeText } from "./update-recipe.ts";

const opened = parseRecipe(commentedText, "merge.yaml").recipe;
const [vector] = opened.vectors;
if (vector === undefined) throw new Error("the commented recipe has a vector");

function update(recipe: Recipe, text = commentedText): string {
  return updateRecipeText(text, recipe, "merge.yaml");
}

/** Changes of the commented recipe, and how its text's lines change: removed with "-", added with "+". */
const changes: readonly (readonly [name: string, recipe: Recipe, lines: readonly string[]])[] = [
  ["nothing", opened, []],
  [
    "λ",
    { ...opened, vectors: [{ ...vector, scale: 0.75 }] },
    ["-    scale: 0.80 # found by hand", "+    scale: 0.75 # found by hand"],
  ],
  [
    "a folder in quotes",
    { ...opened, vectors: [{ ...vector, chat: "it's here" }] },
    ["-    chat: './llama2-chat'   # quoted", "+    chat: 'it''s here'   # quoted"],
  ],
  [
    "a folder that needs quotes now",
    { ...opened, target: "#1: best" },
    [
      "-target: ./llama2-ko            # a folder, a file, or an id",
      '+target: "#1: best"            # a folder, a file, or an id',
    ],
  ],
  [
    "a curve of another length",
    { ...opened, vectors: [{ ...vector, curve: [0, 1] }] },
    [
      "-    curve: [0.2, 1, 1, 0.5]    # multiplies scale over the depth",
      "+    curve: [0, 1]    # multiplies scale over the depth",
    ],
  ],
  [
    "a point of a curve",
    { ...opened, vectors: [{ ...vector, curve: [0.2, 1, 0.9, 0.5] }] },
    [
      "-    curve: [0.2, 1, 1, 0.5]    # multiplies scale over the depth",
      "+    curve: [0.2, 1, 0.9, 0.5]    # multiplies scale over the depth",
    ],
  ],
  [
    "a choice within a line",
    { ...opened, output: { ...opened.output, dtype: "F32", shardBytes: 2 ** 30 } },
    [
      "-output: {dtype: bfloat16, shardSize: 5000MB, tokenizer: target, chatTemplate: chat}",
      "+output: {dtype: F32, shardSize: 1GiB, tokenizer: target, chatTemplate: chat}",
    ],
  ],
];

describe("a recipe's text that is brought up to date", () => {
  test.each(changes)("with %s changes in no other character", (_, recipe, lines) => {
    const [before, after] = [commentedText.split("\n"), update(recipe).split("\n")];
    const differing = before.flatMap((line, index) => (line === after[index] ? [] : [`-${line}`, `+${after[index]}`]));
    expect(after).toHaveLength(before.length);
    expect(differing).toEqual(lines);
  });

  test.each<[string, Partial<typeof vector>]>([
    ["a rule more", { rules: [...(vector.rules ?? []), { tensors: "*q_proj*", scale: 0.5 }] }],
    ["a rule in front", { rules: [{ tensors: "*q_proj*", scale: 0.5 }, ...(vector.rules ?? [])] }],
    ["a key more", { outside: 0.3 }],
  ])("with %s keeps every comment, in order", (_, change) => {
    const recipe = { ...opened, vectors: [{ ...vector, ...change }] };
    const text = update(recipe);
    expect(commentsOf(text)).toEqual(commentsOf(commentedText));
    expect(parseRecipe(text, "merge.yaml").recipe).toEqual(recipe);
  });

  test("with a rule less loses no comment but that rule's", () => {
    const recipe = { ...opened, vectors: [{ ...vector, rules: [{ tensors: "*norm.weight", scale: 0 }] }] };
    const text = update(recipe);
    expect(parseRecipe(text, "merge.yaml").recipe).toEqual(recipe);
    const lost = commentsOf(commentedText).filter((comment) => !commentsOf(text).includes(comment));
    expect(lost.filter((comment) => comment !== "heads take all")).toEqual(["fully"]);
  });

  test("keeps Windows line ends and a byte order mark", () => {
    const windows = `\uFEFF${commentedText.replaceAll("\n", "\r\n")}`;
    for (const recipe of [
      { ...opened, target: "x" },
      { ...opened, vocabulary: undefined },
    ]) {
      const text = update(recipe, windows);
      expect(text.startsWith("\uFEFF")).toBe(true);
      expect(text.replaceAll("\r\n", "")).not.toContain("\n");
      expect(parseRecipe(text, "merge.yaml").recipe).toEqual(recipe);
      expect(commentsOf(text.replaceAll("\r", ""))).toEqual(commentsOf(commentedText));
    }
  });

  test("changes one place of several that shared an anchor", () => {
    const shared =
      "target: t\nvectors: # two\n- {chat: c, base: &b old, curve: &up [0, 1]}\n- {chat: d, base: *b, curve: *up} # second\n";
    const { recipe } = parseRecipe(shared, "merge.yaml");
    const [first, second] = recipe.vectors;
    if (first === undefined || second === undefined) throw new Error("two vectors");
    const changed = { ...recipe, vectors: [{ ...first, base: "new", curve: [1, 1] }, second] };
    const text = update(changed, shared);
    expect(parseRecipe(text, "merge.yaml").recipe).toEqual(changed);
    expect(commentsOf(text)).toEqual(["two", "second"]);
  });

  test("comes out byte for byte where nothing changed, whatever its layout", () => {
    const layouts = [
      "{target: t,vectors: [ {chat: c,base: b,scale: 8e-1} ]}",
      "vectors:\n - base:   b\n   chat:   c\n   scale: 0.8\n\n\ntarget:    t   \n",
      "target: >-\n  t\nvectors:\n- chat: \"c\"\n  base: 'b'\n  scale: +.8\n",
    ];
    for (const layout of layouts) {
      const { recipe } = parseRecipe(layout, "merge.yaml");
      expect(update(recipe, layout)).toBe(layout);
      const changed = { ...recipe, target: "u", vectors: recipe.vectors.map((each) => ({ ...each, scale: 0.5 })) };
      expect(parseRecipe(update(changed, layout), "merge.yaml").recipe).toEqual(changed);
    }
  });

  test("says any other recipe, and says it the same way twice", () => {
    fc.assert(
      fc.property(recipes, recipes, (before, after) => {
        const text = updateRecipeText(formatRecipe(before), after, "merge.yaml");
        expect(parseRecipe(text, "merge.yaml").recipe).toEqual(after);
        expect(updateRecipeText(text, after, "merge.yaml")).toBe(text);
      }),
      { numRuns: 150 },
    );
  });

  test("keeps comments wherever they stood, while values change or keys come", () => {
    const positive = fc.double({ min: 0.1, max: 2, noNaN: true });
    const values = fc.record({
      target: fc.constantFrom("a b", "./x", "5GB", "true", "é/ü"),
      scale: positive,
      outside: fc.option(positive, { nil: undefined }),
    });
    const places = fc.array(fc.nat(commentedText.split("\n").length - 1), { maxLength: 6 });
    fc.assert(
      fc.property(places, fc.constantFrom(0, 2, 4, 8), values, (lines, indent, { target, scale, outside }) => {
        const before = commentedText.split("\n");
        for (const [index, line] of lines.entries()) before.splice(line, 0, `${" ".repeat(indent)}# inserted ${index}`);
        const text = before.join("\n");
        const { recipe } = parseRecipe(text, "merge.yaml");
        const vectors = recipe.vectors.map((each) => ({
          ...each,
          scale,
          ...(outside === undefined ? {} : { outside }),
        }));
        const updated = update({ ...recipe, target, vectors }, text);
        expect(commentsOf(updated).sort()).toEqual(commentsOf(text).sort());
        expect(parseRecipe(updated, "merge.yaml").recipe).toEqual({ ...recipe, target, vectors });
      }),
      { numRuns: 200 },
    );
  });

  test("must have been a recipe", async () => {
    expect(await rejectionOf(() => update(opened, "target: ["))).toMatchObject({ code: "recipe-invalid" });
  });
});
