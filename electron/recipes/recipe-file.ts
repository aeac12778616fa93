import { access, type FileHandle, open } from "node:fs/promises";
import { basename, dirname, isAbsolute, relative, resolve, sep } from "node:path";
import type { Checkpoint } from "../../src-core/checkpoint/checkpoint.ts";
import { StudioError } from "../../src-core/errors.ts";
import { maximumRecipeLength } from "../../src-core/limits.ts";
import { placeOfTensor } from "../../src-core/plan/tensor-names.ts";
import { mergekitBaseOf, type OpenedRecipe, openRecipe } from "../../src-core/recipe/open-recipe.ts";
import type { Recipe } from "../../src-core/recipe/recipe.ts";
import {
  isModelIdLike,
  type PathResolution,
  relativizeRecipePaths,
  resolveRecipePaths,
  resolveReference,
} from "../../src-core/recipe/recipe-paths.ts";
import { readFailure } from "../checkpoints/read-failure.ts";

/** A recipe's file as it was read. */
export interface RecipeOnDisk {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
  readonly opened: OpenedRecipe;
  /** With absolute paths, or ids of the local Hugging Face cache, for the models. */
  readonly recipe: Recipe;
}

/** Opens a model by path or id; rejects with a StudioError. */
export type OpenModel = (reference: string) => Promise<Checkpoint>;

/**
 * Reads a recipe of ours or mergekit's. Relative paths in it start at its own folder. Of a mergekit file the base model is
 * opened, where it can be, for its number of layers. Rejects with a StudioError.
 */
export async function readRecipeFile(path: string, openModel: OpenModel): Promise<RecipeOnDisk> {
  const absolute = resolve(path);
  const text = await readText(absolute);
  const where = basename(absolute);
  const folder = dirname(absolute);
  const base = mergekitBaseOf(text, where);
  const layerCount = base === null ? null : await countLayers(await resolveOne(base, folder), openModel);
  const opened = openRecipe(text, where, layerCount === null ? {} : { layerCount });
  return { path: absolute, text, opened, recipe: await resolveModels(opened.recipe, folder) };
}

/** The same recipe with absolute paths, or ids of the local Hugging Face cache, for the models; relative ones start at that folder. */
export async function resolveModels(recipe: Recipe, folder: string): Promise<Recipe> {
  const named = [recipe.target, ...recipe.vectors.flatMap(({ chat, base }) => [chat, base])];
  return resolveRecipePaths(recipe, folder, await hostFor(named, folder));
}

async function resolveOne(reference: string, folder: string): Promise<string> {
  return resolveReference(reference, folder, await hostFor([reference], folder));
}

/** The recipe as a file in that folder has it: paths relative to it where there are some. */
export function recipeForFolder(recipe: Recipe, folder: string): Recipe {
  return relativizeRecipePaths(recipe, folder, { separator: sep, isAbsolute, relative });
}

/** Looks first whether what can be an id lies there as a path: a disk of the network must not hold up the windows. */
async function hostFor(references: readonly string[], folder: string): Promise<PathResolution> {
  const possible = references.filter((reference) => !isAbsolute(reference) && isModelIdLike(reference));
  const paths = [...new Set(possible.map((reference) => resolve(folder, reference)))];
  const isThere = await Promise.all(
    paths.map((path) =>
      access(path)
        .then(() => true)
        .catch(() => false),
    ),
  );
  const there = new Set(paths.filter((_, index) => isThere[index]));
  return { isAbsolute, resolve, isModelId: (_reference, resolved) => !there.has(resolved) };
}

/** Null where the model cannot be opened: the import says where it needs the number. */
async function countLayers(reference: string, openModel: OpenModel): Promise<number | null> {
  const checkpoint = await openModel(reference).catch(() => null);
  return checkpoint === null ? null : layerCountOf(checkpoint);
}

/** Layers by the tensors' names, as a plan counts them. */
function layerCountOf({ tensors }: Checkpoint): number | null {
  const count = tensors.reduce((most, { name }) => Math.max(most, (placeOfTensor(name).layer ?? -1) + 1), 0);
  return count === 0 ? null : count;
}

function notFound(error: unknown, where: string): StudioError | null {
  const code = error instanceof Error && "code" in error ? error.code : "";
  if (code !== "ENOENT" && code !== "ENOTDIR") return null;
  return new StudioError({ code: "recipe-not-found", what: "There is no such recipe", where });
}

/** A character takes 4 bytes at most; of a larger file no more is read than tells that it is larger. */
async function readText(path: string): Promise<string> {
  let handle: FileHandle | null = null;
  try {
    handle = await open(path, "r");
    if (!(await handle.stat()).isFile()) {
      throw new StudioError({ code: "recipe-invalid", what: "This is no file", where: path, expected: "a recipe" });
    }
    const buffer = Buffer.alloc(4 * maximumRecipeLength + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, length, buffer.byteLength - length, length);
      length += bytesRead;
      if (bytesRead === 0 || length === buffer.byteLength) break;
    }
    return buffer.toString("utf8", 0, length);
  } catch (error) {
    throw notFound(error, path) ?? readFailure(error, path);
  } finally {
    await handle?.close();
  }
}
