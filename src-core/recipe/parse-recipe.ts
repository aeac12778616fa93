import { type Recipe, recipeSchema } from "./recipe.ts";
import { recipeComplaint } from "./recipe-complaint.ts";
import { recipeFileSchema } from "./recipe-file.ts";
import { type Located, locate } from "./yaml/locate.ts";
import { parseYaml } from "./yaml/parse-yaml.ts";
import type { SourcePosition, YamlSource } from "./yaml/yaml-source.ts";

export interface RecipeFile {
  readonly recipe: Recipe;
  /** Where each value of the file stands, by its path in the file's words: "vectors.0.chat", "output.shardSize". */
  readonly positions: ReadonlyMap<string, SourcePosition>;
}

/**
 * Reads a recipe's file; `where` is its name for messages. Models stay as they are written: see `resolveRecipePaths`.
 * Throws `recipe-invalid` with file, line and column for whatever is no recipe.
 */
export function parseRecipe(text: string, where: string): RecipeFile {
  const yaml = parseYaml(text, where, "1.2");
  return readRecipe(locate(yaml), yaml.source);
}

export function readRecipe(root: Located, source: YamlSource): RecipeFile {
  const parsed = recipeFileSchema.safeParse(toPlain(root));
  if (!parsed.success) throw recipeComplaint(parsed.error.issues, root, source);
  return { recipe: recipeSchema.parse(parsed.data), positions: positionsIn(root, source) };
}

/** As JavaScript's own values. Objects have no prototype, so that a key of the file is never more than a key. */
function toPlain(located: Located): unknown {
  if (located.kind === "scalar") return located.value;
  if (located.kind === "list") return located.items.map(toPlain);
  const plain = Object.create(null) as Record<string, unknown>;
  for (const [key, { value }] of located.entries) plain[key] = toPlain(value);
  return plain;
}

function positionsIn(root: Located, source: YamlSource): ReadonlyMap<string, SourcePosition> {
  const positions = new Map<string, SourcePosition>();
  const visit = (located: Located, path: string): void => {
    positions.set(path, source.positionOf(located.offset));
    const below = (key: string | number) => (path === "" ? String(key) : `${path}.${key}`);
    if (located.kind === "list") for (const [index, item] of located.items.entries()) visit(item, below(index));
    if (located.kind === "map") for (const [key, { value }] of located.entries) visit(value, below(key));
  };
  visit(root, "");
  return positions;
}
