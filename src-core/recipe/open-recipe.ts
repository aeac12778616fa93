import { type Document, isMap, isScalar } from "yaml";
import {
  type MergekitImport,
  type MergekitImportOptions,
  mergekitBase,
  parseMergekit,
} from "./mergekit/import-mergekit.ts";
import { type RecipeFile, readRecipe } from "./parse-recipe.ts";
import { locate } from "./yaml/locate.ts";
import { parseYaml } from "./yaml/parse-yaml.ts";

export type OpenedRecipe =
  | ({ readonly kind: "recipe" } & RecipeFile)
  /** Its text is no recipe's: what is saved is a new file. */
  | ({ readonly kind: "mergekit" } & MergekitImport);

/**
 * Reads a file that a person took for a recipe: one of ours, or one of mergekit's, which has a `merge_method`. Throws as
 * `parseRecipe` and `parseMergekit` do.
 */
export function openRecipe(text: string, where: string, options: MergekitImportOptions = {}): OpenedRecipe {
  const yaml = parseYaml(text, where, "1.2");
  if (isMergekit(yaml.document)) return { kind: "mergekit", ...parseMergekit(text, where, options) };
  return { kind: "recipe", ...readRecipe(locate(yaml), yaml.source) };
}

/** The base model of a mergekit file, as it is written: its number of layers may be needed to open it. Null for a recipe of ours. */
export function mergekitBaseOf(text: string, where: string): string | null {
  return isMergekit(parseYaml(text, where, "1.2").document) ? mergekitBase(text, where) : null;
}

function isMergekit({ contents }: Document.Parsed): boolean {
  return isMap(contents) && contents.items.some(({ key }) => isScalar(key) && key.value === "merge_method");
}
