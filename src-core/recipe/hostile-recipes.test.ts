import { describe, expect, test } from "vitest";
import { StudioError } from "../errors.ts";
import { maximumRecipeLength } from "../limits.ts";
import { Random } from "../random.ts";
import { parseMergekit } from "./mergekit/import-mergekit.ts";
import { mergekitCases } from "./mergekit/mergekit-table.fixture.ts";
import { parseRecipe } from "./parse-recipe.ts";
import { commentedText } from "./test-recipes.fixture.ts";
import { updateRecipeText } from "./update-recipe.ts";

/** Of processor time, for one text; most are refused in a millisecond. */
const allowedMilliseconds = 1000;

type Reader = (text: string) => unknown;
const recipeTexts = [
  commentedText,
  "target: t\nvectors: [{chat: c, base: &b b}, {name: d, chat: d, base: *b, curve: [0, 1]}]",
];
const mergekitTexts = mergekitCases.filter(({ vectors }) => vectors !== undefined).map(({ yaml }) => yaml);
const readers: readonly (readonly [name: string, read: Reader, originals: readonly string[]])[] = [
  ["a recipe", (text) => parseRecipe(text, "fuzz.yaml"), recipeTexts],
  ["a recipe that is saved again", saveAgain, recipeTexts],
  ["a mergekit file", (text) => parseMergekit(text, "fuzz.yaml"), mergekitTexts],
  ["a mergekit file of known layers", (text) => parseMergekit(text, "fuzz.yaml", { layerCount: 5 }), mergekitTexts],
];

/** What was read, changed in values alone and then with a new key, and read again. */
function saveAgain(text: string): void {
  const { recipe } = parseRecipe(text, "fuzz.yaml");
  const vectors = recipe.vectors.map((vector) => ({ ...vector, scale: 0.25, chat: "other: name" }));
  for (const changed of [
    { ...recipe, vectors },
    { ...recipe, vectors: vectors.map((vector) => ({ ...vector, outside: 0.5 })) },
  ]) {
    expect(parseRecipe(updateRecipeText(text, changed, "fuzz.yaml"), "fuzz.yaml").recipe).toEqual(changed);
  }
}

/** "valid", or the code of the refusal. Throws what is no StudioError. */
function outcomeOf(read: Reader, text: string): string {
  const started = process.cpuUsage();
  try {
    read(text);
    return "valid";
  } catch (error) {
    if (error instanceof StudioError) return error.failure.code;
    throw error;
  } finally {
    const { user, system } = process.cpuUsage(started);
    expect((user + system) / 1000).toBeLessThan(allowedMilliseconds);
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect("polluted" in {}).toBe(false);
  }
}

const repeat = (text: string) => text.repeat(Math.floor((maximumRecipeLength - 100) / text.length));
const head = "merge_method: task_arithmetic\nbase_model: b\n";

/** Texts that take readers of YAML minutes, gigabytes or their stack. */
const bombs: Readonly<Record<string, string>> = {
  "a text beyond the limit": "#".repeat(maximumRecipeLength + 1),
  "a billion laughs": `a0: &a0 [x]\n${Array.from({ length: 40 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(9)}]`).join("\n")}`,
  "a billion laughs in mappings": `a0: &a0 {x: y}\n${Array.from({ length: 40 }, (_, i) => `a${i + 1}: &a${i + 1} {a: *a${i}, b: *a${i}}`).join("\n")}`,
  "a billion laughs merged": `${head}a0: &a0 {x: y}\n${Array.from({ length: 40 }, (_, i) => `a${i + 1}: &a${i + 1} {<<: [*a${i}, *a${i}], k${i}: [*a${i}, *a${i}]}`).join("\n")}`,
  "a chain of aliases": `a0: &a0 [x]\n${Array.from({ length: 5000 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}]`).join("\n")}`,
  "an alias within itself": "target: &t [*t]",
  "open brackets": repeat("["),
  "open braces": repeat("{"),
  "closed brackets": repeat("]"),
  "nested lists": `${"[".repeat(100_000)}${"]".repeat(100_000)}`,
  "nested dashes": repeat("- "),
  "nested question marks": repeat("? "),
  "nested colons": repeat(": "),
  indentation: Array.from({ length: 700 }, (_, i) => `${" ".repeat(i)}a:`).join("\n"),
  "many keys": Array.from({ length: 30_000 }, (_, i) => `k${i}: `).join("\n"),
  "the same key": repeat("a: 1\n"),
  "many anchors": repeat("&a "),
  "many tags": repeat("! "),
  "many documents": repeat("---\n"),
  "many quotes": repeat('"'),
  "many commas": `[${repeat(",")}`,
  "many lines": repeat("\n"),
  "many comments": repeat("#\n"),
  "many stars": repeat("*a "),
  "a long number": `target: ${"1".repeat(200_000)}`,
  "a long word": `scale: ${repeat("a")}`,
  "a long key": `${"a".repeat(200_000)}: 1`,
  "many conditions": `${head}models:\n- {model: c, parameters: {weight: [${Array.from({ length: 1000 }, (_, i) => `{filter: f${i}, value: ${i}}`)}]}}`,
  "conditions that multiply": `${head}models:\n${Array.from({ length: 10 }, (_, m) => `- {model: m${m}, parameters: {weight: [${Array.from({ length: 40 }, (_, i) => `{filter: f${m}x${i}, value: 1}`)}, {value: 0}]}}`).join("\n")}\nparameters: {normalize: true}`,
  "long filters": `${head}models:\n- {model: c, parameters: {weight: [${Array.from({ length: 200 }, (_, i) => `{filter: ${"ab".repeat(500)}${i}, value: ${i}}`)}]}}\nparameters: {lambda: [{filter: ${"ba".repeat(500)}, value: 2}]}`,
  "slices of many layers": `${head}slices: [{sources: [{model: b, layer_range: [0, 1000000000000]}, {model: c, layer_range: [0, 1000000000000]}]}]\nparameters: {weight: [0, 1], normalize: true}`,
  "many slices": `${head}parameters: {weight: [{filter: a, value: 1}, {filter: b, value: 2}, {value: 3}], normalize: true}\nslices:\n${Array.from({ length: 500 }, (_, i) => `- {sources: [{model: b, layer_range: [${i}, ${i + 1}]}, {model: c, layer_range: [${i}, ${i + 1}]}]}`).join("\n")}`,
  "many models": `${head}parameters: {weight: 1}\nmodels: [${Array.from({ length: 8000 }, (_, i) => `{model: m${i}}`)}]`,
};

/** Fine for all their size. */
const harmless: readonly string[] = ["many conditions", "many slices"];

describe.each(readers)("%s", (_, read, originals) => {
  test.each(Object.entries(bombs))("that is %s is answered at once", (name, text) => {
    const outcome = outcomeOf(read, text);
    if (!harmless.includes(name)) expect(outcome).toMatch(/^recipe-/);
  });

  test.each(["__proto__", "constructor", "prototype", "toString", "hasOwnProperty"])(
    "with the key %s changes nothing",
    (key) => {
      const polluting = `${key}: {polluted: true, ${key}: {polluted: true}}`;
      expect(outcomeOf(read, `${commentedText}${polluting}\n`)).toBe("recipe-invalid");
      expect(outcomeOf(read, `target: t\nvectors: [{chat: c, base: b, ${polluting}}]`)).toBe("recipe-invalid");
      const mergekit = `${head}${polluting}\nmodels: [{model: c, parameters: {weight: 1, ${polluting}}}]`;
      expect(outcomeOf(read, mergekit)).toMatch(/^(valid|recipe-invalid)$/);
    },
  );

  test("that was tampered with is read or refused, never more", () => {
    const outcomes = new Map<string, number>();
    for (let seed = 1; seed <= 1000; seed++) {
      const text = tamper(originals, seed);
      try {
        const outcome = outcomeOf(read, text);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      } catch (error) {
        throw new Error(`seed ${seed}:\n${text}`, { cause: error });
      }
    }
    // The fuzzing must reach behind the first check.
    expect(outcomes.get("valid")).toBeGreaterThan(40);
    expect(outcomes.get("recipe-invalid")).toBeGreaterThan(200);
  });
});

const pieces =
  "[|]|{|}|- |: |? |, |#|&a |*a|<<: *a|!!str |!x |'|\"|\n|\n  |\t|\\|\u0000|\uFEFF|\u2028|\ud800|---\n|...\n|%YAML 1.1\n|~|null|true|yes|.nan|-.inf|1e999|-0|0x10|1_0|1:30|2024-01-01|__proto__|constructor|[0, 1]|{filter: mlp, value: 1}|normalize: true|lambda: [0, 2]|weight: |scale: |outside: 1|curve: [1]|models: |slices: |modules: {default: |}|layer_range: [0, 5]|sources: |>-\n|@|+|`|*|99999999999999999999".split(
    "|",
  );

/** One of the good texts with a few pieces put in, taken out, repeated or exchanged. */
function tamper(originals: readonly string[], seed: number): string {
  const random = new Random(seed);
  const pick = <Item>(items: readonly Item[]): Item => items[random.integer(items.length)] as Item;
  let text = pick(originals);
  for (let count = 1 + random.integer(3); count > 0; count--) {
    const [from, length] = [random.integer(text.length + 1), random.integer(12)];
    const [before, cut, after] = [text.slice(0, from), text.slice(from, from + length), text.slice(from + length)];
    text = pick([
      () => before + pick(pieces) + cut + after,
      () => before + after,
      () => before + pick(pieces) + after,
      () => before + cut.repeat(1 + random.integer(20)) + after,
      () => before + String.fromCharCode(random.integer(256)) + after,
      () => before + pick(originals).slice(random.integer(40), 40 + random.integer(200)) + cut + after,
    ])();
  }
  return text;
}
