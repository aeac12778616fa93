import { describe, expect, test } from "vitest";
import { decodeUtf8, encodeUtf8 } from "../checkpoint/utf8.ts";
import { StudioError } from "../errors.ts";
import { latin1, mutateFiles } from "../test-support/fuzz/document.ts";
import { fuzz } from "../test-support/fuzz/fuzz.ts";
import type { FuzzName } from "../test-support/fuzz/fuzz-cases.ts";
import { mutateText } from "../test-support/fuzz/mutate-text.ts";
import { parseMergekit } from "./mergekit/import-mergekit.ts";
import { layerCount, mergekitCases } from "./mergekit/mergekit-table.fixture.ts";
import { parseRecipe } from "./parse-recipe.ts";
import { saveAgain } from "./save-again.fixture.ts";
import { commentedText } from "./test-recipes.fixture.ts";

const recipeTexts = [
  commentedText,
  "target: t\nvectors: [{chat: c, base: &b b}, {name: d, chat: d, base: *b, curve: [0, 1]}]",
];
const mergekitTexts = mergekitCases.filter(({ vectors }) => vectors !== undefined).map(({ yaml }) => yaml);

const pieces =
  "[|]|{|}|- |: |? |, |#|&a |*a|<<: *a|!!str |!x |'|\"|\n|\n  |\t|\\|\u0000|\uFEFF|\u2028|---\n|...\n|%YAML 1.1\n|~|null|true|yes|.nan|-.inf|1e999|-0|0x10|1_0|1:30|2024-01-01|__proto__|constructor|[0, 1]|{filter: mlp, value: 1}|normalize: true|lambda: [0, 2]|weight: |scale: |outside: 1|curve: [1]|models: |slices: |modules: {default: |}|layer_range: [0, 5]|sources: |>-\n|@|+|`|*|99999999999999999999".split(
    "|",
  );

const readers: readonly [name: FuzzName, read: (text: string) => unknown, originals: readonly string[]][] = [
  ["recipe", (text) => parseRecipe(text, "fuzz.yaml"), recipeTexts],
  ["recipe-saved", saveAgain, recipeTexts],
  [
    "mergekit",
    (text) => {
      expectRefusal(() => parseMergekit(text, "fuzz.yaml"));
      parseMergekit(text, "fuzz.yaml", { layerCount });
    },
    mergekitTexts,
  ],
];

/** Without knowing the layers some are refused that are fine with them. */
function expectRefusal(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof StudioError)) throw error;
  }
}

describe("recipes with damage", () => {
  test.each(readers)(
    "are read or refused with file, line and column, never more: %s",
    async (name, read, originals) => {
      const damage = mutateText(pieces, originals);
      const outcomes = await fuzz({
        name,
        originals: originals.map((text) => ({ "fuzz.yaml": encodeUtf8(text) })),
        mutate: (document, random) => mutateFiles(document, random, () => [damage]),
        read: (document) => {
          const bytes = document["fuzz.yaml"] ?? new Uint8Array();
          // What is no UTF-8 never comes so far; characters then stand for bytes.
          read(decodeUtf8(bytes) ?? latin1(bytes));
          return "valid";
        },
      });
      // The fuzzing must reach behind the first check.
      expect(outcomes.get("valid")).toBeGreaterThan(20);
      expect(outcomes.get("recipe-invalid")).toBeGreaterThan(100);
    },
  );
});
