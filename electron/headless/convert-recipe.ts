import { writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { StudioError } from "../../src-core/errors.ts";
import { formatRecipe } from "../../src-core/recipe/format-recipe.ts";
import type { MergeServices } from "../export/merge-services.ts";
import { mergekitText } from "../recipes/mergekit-text.ts";
import { readRecipeFile, recipeForFolder } from "../recipes/recipe-file.ts";
import type { ConvertOptions } from "./commands.ts";
import { OpenOnce } from "./open-once.ts";
import { printNotice } from "./output.ts";

/** Reads a recipe or a mergekit file and returns it as one or the other, or where it was written. */
export async function convertRecipe(options: ConvertOptions, { catalog }: MergeServices): Promise<string> {
  const models = new OpenOnce(catalog);
  const { opened, recipe } = await readRecipeFile(options.recipe, async (path) => (await models.open(path)).checkpoint);
  const read = opened.kind === "mergekit" ? opened.notes.map(({ where, message }) => `${where}: ${message}`) : [];
  const out = options.out === undefined ? null : resolve(options.out);
  const made =
    options.as === "mergekit"
      ? // Its paths are absolute: mergekit takes relative ones from where it is started.
        mergekitText(recipe, (await models.open(recipe.target).catch(() => null))?.checkpoint ?? null)
      : { text: formatRecipe(recipeForFolder(recipe, out === null ? process.cwd() : dirname(out))), notes: [] };
  const notes = [...read, ...made.notes];
  for (const note of notes) printNotice(`notice: ${note}`);
  if (out !== null) await writeNew(out, made.text);
  if (options.json) return JSON.stringify({ from: opened.kind, as: options.as, out, notes, text: made.text });
  return out ?? made.text;
}

async function writeNew(path: string, text: string): Promise<void> {
  await writeFile(path, text, { flag: "wx" }).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") {
      throw new StudioError({ code: "output-exists", what: "There is a file already", where: path });
    }
    const actual = error instanceof Error ? error.message : String(error);
    throw new StudioError({ code: "write-failed", what: "The recipe could not be written", where: path, actual });
  });
}
