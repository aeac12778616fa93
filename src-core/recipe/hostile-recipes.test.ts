import { describe, expect, test } from "vitest";
import { StudioError } from "../errors.ts";
import { maximumRecipeLength } from "../limits.ts";
import { parseMergekit } from "./mergekit/import-mergekit.ts";
import { parseRecipe } from "./parse-recipe.ts";
import { saveAgain } from "./save-again.fixture.ts";
import { commentedText } from "./test-recipes.fixture.ts";

/** Of processor time, for one text; most are refused in a millisecond. */
const allowedMilliseconds = 1000;

type Reader = (text: string) => unknown;
const readers: readonly (readonly [name: string, read: Reader])[] = [
  ["a recipe", (text) => parseRecipe(text, "fuzz.yaml")],
  ["a recipe that is saved again", saveAgain],
  ["a mergekit file", (text) => parseMergekit(text, "fuzz.yaml")],
  ["a mergekit file of known layers", (text) => parseMergekit(text, "fuzz.yaml", { layerCount: 5 })],
];

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

describe.each(readers)("%s", (_, read) => {
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
});
