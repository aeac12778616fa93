import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rejectionOf } from "../test-support/failure-of.ts";
import { formatRecipe } from "./format-recipe.ts";
import { openRecipe } from "./open-recipe.ts";
import { parseRecipe } from "./parse-recipe.ts";
import { recipeSchema } from "./recipe.ts";
import { commentedText, recipes } from "./test-recipes.fixture.ts";

describe("a recipe's file", () => {
  test("is read as the recipe it says", () => {
    expect(parseRecipe(commentedText, "merge.yaml").recipe).toEqual(
      recipeSchema.parse({
        target: "./llama2-ko",
        vectors: [
          {
            name: "chat",
            chat: "./llama2-chat",
            base: "./llama2",
            scale: 0.8,
            curve: [0.2, 1, 1, 0.5],
            rules: [
              { tensors: "*norm.weight", scale: 0 },
              { tensors: "*head*", scale: 1 },
            ],
          },
        ],
        vocabulary: "by-token",
        output: { dtype: "BF16", shardBytes: 5e9, tokenizer: "target", chatTemplate: "chat" },
      }),
    );
  });

  test("needs no more than its models", () => {
    const { recipe } = parseRecipe("target: t\nvectors: [{chat: c, base: b}]", "merge.yaml");
    expect(recipe).toEqual(recipeSchema.parse({ target: "t", vectors: [{ chat: "c", base: "b" }] }));
    expect(recipe).toMatchObject({ output: { tokenizer: "target", chatTemplate: "chat" }, onMismatch: "error" });
  });

  test("holds vectors with different bases", () => {
    const text =
      "target: t\nvectors:\n- {chat: a, base: a0, scale: 0.5}\n- {name: ja, chat: b, base: b0, scale: 0.5}\n";
    expect(parseRecipe(text, "merge.yaml").recipe.vectors).toEqual([
      { name: "chat", chat: "a", base: "a0", scale: 0.5 },
      { name: "ja", chat: "b", base: "b0", scale: 0.5 },
    ]);
  });

  test("says where each value stands", () => {
    const { positions } = parseRecipe(commentedText, "merge.yaml");
    expect(positions.get("target")).toEqual({ line: 5, column: 9 });
    expect(positions.get("vectors.0.chat")).toEqual({ line: 11, column: 11 });
    expect(positions.get("vectors.0.rules.1.scale")).toEqual({ line: 20, column: 16 });
    expect(positions.get("output.shardSize")).toEqual({ line: 25, column: 38 });
  });

  test.each([
    ["float32", "F32"],
    ["torch.bfloat16", "BF16"],
    ["bf16", "BF16"],
    ["F16", "F16"],
    ["fp16", "F16"],
    ["Same", "same"],
  ])("takes %s for the dtype %s", (spelling, dtype) => {
    const text = `target: t\nvectors: [{chat: c, base: b}]\noutput: {dtype: ${spelling}}`;
    expect(parseRecipe(text, "merge.yaml").recipe.output.dtype).toBe(dtype);
  });

  test("is read with a byte order mark, Windows line ends, and as JSON", () => {
    const expected = parseRecipe(commentedText, "merge.yaml").recipe;
    expect(parseRecipe(`\uFEFF${commentedText.replaceAll("\n", "\r\n")}`, "merge.yaml").recipe).toEqual(expected);
    const { output, ...rest } = expected;
    const { shardBytes, ...others } = output;
    const json = JSON.stringify({ ...rest, output: { ...others, shardSize: shardBytes } }, null, 2);
    expect(parseRecipe(json, "merge.json").recipe).toEqual(expected);
  });

  test("may repeat itself through anchors", () => {
    const text = "target: &m m\nvectors: [{chat: c, base: *m, curve: &up [0, 1]}, {chat: d, base: *m, curve: *up}]";
    const { vectors } = parseRecipe(text, "merge.yaml").recipe;
    expect(vectors.map(({ base, curve }) => ({ base, curve }))).toEqual([
      { base: "m", curve: [0, 1] },
      { base: "m", curve: [0, 1] },
    ]);
  });

  test("that was written is read as the same recipe", () => {
    fc.assert(
      fc.property(recipes, (recipe) => {
        expect(parseRecipe(formatRecipe(recipe), "merge.yaml").recipe).toEqual(recipe);
      }),
      { numRuns: 500 },
    );
  });

  test("is not what another program's YAML is", () => {
    const open = () => openRecipe("services:\n  web:\n    image: nginx\n", "docker-compose.yaml");
    expect(open).toThrow(/this is not a recipe: docker-compose\.yaml:1:1; expected version, target and vectors/i);
    expect(() => openRecipe("verison: 1\n", "a.yaml")).toThrow('a recipe has no key "verison"');
  });

  test("and one of mergekit's are told apart", () => {
    expect(openRecipe(commentedText, "merge.yaml").kind).toBe("recipe");
    const mergekit = "merge_method: task_arithmetic\nbase_model: b\nmodels: [{model: c, parameters: {weight: 1}}]";
    expect(openRecipe(mergekit, "merge.yaml")).toMatchObject({ kind: "mergekit", recipe: { target: "b" } });
  });
});

/** What replaces what in the commented recipe; then the place, and parts of the message. */
const slips: readonly (readonly [name: string, from: string, to: string, place: string, says: readonly string[]])[] = [
  [
    "a misspelt key",
    "scale: 0.80",
    "scael: 0.80",
    "13:5",
    ['vector 1 has no key "scael"', "expected name, chat", "Did you mean scale?"],
  ],
  ["another tool's word", "scale: 0.80", "lambda: 0.80", "13:5", ["Did you mean scale?"]],
  ["another spelling", "shardSize:", "shard_size:", "25:27", ["Did you mean shardSize?"]],
  ["a key at the wrong level", "version: 1\n", "dtype: F32\n", "4:1", ["dtype belongs under output"]],
  [
    "a key that is nothing like ours",
    "version: 1\n",
    "colour: red\n",
    "4:1",
    ['no key "colour"', "expected version, target, vectors"],
  ],
  ["a key that means something to JavaScript", "version: 1\n", "__proto__: {a: 1}\n", "4:1", ['no key "__proto__"']],
  [
    "a misspelt key of a rule",
    'tensors: "*head*"',
    'tensor: "*head*"',
    "19:9",
    ["rule 2 of vector 1", "Did you mean tensors?"],
  ],
  ["a key without a value", "scale: 0.80", "scale:", "13:12", ["scale of vector 1", "actual nothing"]],
  ["a missing key", "    base: ./llama2\n", "", "10:5", ["base of vector 1 is missing", "a folder"]],
  ["text for a number", "scale: 0.80", "scale: high", "13:12", ["a number from −4294967296", 'the text "high"']],
  ["a number that is not finite", "scale: 0.80", "scale: .inf", "13:12", ["actual the number Infinity"]],
  ["a number that is too large", "scale: 0.80", "scale: 1e10", "13:12", ["actual the number 10000000000"]],
  ["text in a curve", "[0.2, 1,", "[0.2, one,", "14:18", ["value 2 of curve of vector 1", '"one"']],
  ["an empty curve", "[0.2, 1, 1, 0.5]", "[]", "14:12", ["an empty list", "evenly spaced"]],
  ["a number for a curve", "[0.2, 1, 1, 0.5]", "0.5", "14:12", ["the number 0.5"]],
  ["a number for a folder", "./llama2-ko  ", "7", "5:9", ["target is not valid", "the number 7"]],
  ["an empty folder", "./llama2-ko  ", '""', "5:9", ["an empty text"]],
  ["a list for a vector", "vectors:\n", "vectors: []\nx:\n", "8:10", ["a list of 1 to 14 vectors", "an empty list"]],
  [
    "an unknown policy",
    "by-token",
    "by-tokens",
    "24:13",
    ["by-token, first-rows, keep-target", "Did you mean by-token?"],
  ],
  ["an unknown dtype", "bfloat16", "int4", "25:17", ["BF16 (bfloat16)", '"int4"']],
  ["an unknown size", "5000MB", "5 parsecs", "25:38", ["5GB, 500MB, 4GiB"]],
  ["a size of nothing", "5000MB", "0", "25:38", ["the number 0"]],
  ["an unknown tokenizer", "tokenizer: target", "tokenizer: union", "25:57", ["target, chat"]],
  ["another version", "version: 1\n", "version: 2\n", "4:10", ["expected 1", "the number 2"]],
  ["a glob without quotes", '"*norm.weight"', "*norm.weight", "17:19", ["*norm.weight", "in quotes"]],
  ["an alias of nothing", "0.80", "*scale", "13:12", ["names nothing above it"]],
  ["an anchor that holds itself", "vectors:\n", "vectors: &v\n  - *v\n", "9:5", ["stands inside what it names"]],
  ["a tag", "0.80", "!!float 0.80", "13:20", ["tags have no place"]],
  ["a tag of a language", "0.80", "!!python/object:os.system 1", "13:38", ["tags have no place"]],
  ["a key that stands twice", "version: 1\n", "target: x\n", "5:1", ['"target" stands twice, first on line 4']],
  ["a list for a key", "version: 1\n", "? [a]\n: 1\n", "4:3", ["a key is missing or is not a word"]],
  ["two documents", "version: 1\n", "version: 1\n---\n", "5:1", ["several documents"]],
  ["a tab", "    base", "\tbase", "12:1", ["indents with spaces"]],
  ["a bracket that does not end", "0.5]", "0.5", "15:5", ["A bracket or quote is not closed"]],
  ["a quote that does not end", "'./llama2-chat'", "'./llama2-chat", "27:1", ["A bracket or quote is not closed"]],
  ["a second colon", "scale: 0.80", "scale: 0.80: 1", "13:12", ["in quotes"]],
  ["a mergekit key", "version: 1\n", "merge_method: ties\n", "4:1", ["mergekit"]],
];

describe("what is no recipe", () => {
  test.each(slips)("%s is refused where it stands", async (_, from, to, place, says) => {
    const text = commentedText.replace(from, to);
    expect(text).not.toBe(commentedText);
    const { code, where, message } = await rejectionOf(() => parseRecipe(text, "merge.yaml"));
    expect({ code, where }).toEqual({ code: "recipe-invalid", where: `merge.yaml:${place}` });
    for (const part of says) expect(message).toContain(part);
  });

  test.each([
    ["nothing", ""],
    ["a comment", "# nothing"],
    ["a word", "merge"],
    ["a list", "[1]"],
    ["nothing in YAML's words", "~"],
  ])("%s is refused on its first line", async (_, text) => {
    const { code, where } = await rejectionOf(() => parseRecipe(text, "merge.yaml"));
    expect({ code, where }).toEqual({ code: "recipe-invalid", where: "merge.yaml:1:1" });
  });

  test("of several slips the first is told", async () => {
    const text = commentedText.replace("bfloat16", "int4").replace("0.80", "high").replace("version: 1", "version: 3");
    expect((await rejectionOf(() => parseRecipe(text, "merge.yaml"))).where).toBe("merge.yaml:4:10");
  });
});
