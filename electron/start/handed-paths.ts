import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** What a file manager, a terminal or the dock hands over: recipes, each for a window of its own, and models for one. */
export interface HandedPaths {
  readonly recipes: readonly string[];
  readonly models: readonly string[];
}

export const nothingHanded: HandedPaths = { recipes: [], models: [] };

/** Recipes that one start opens, at most: each is a window. */
const maximumRecipes = 8;
/** More models than that are a mistake; the window says so of as many. */
const maximumModels = 32;

/**
 * The files and folders that the program was started with, as paths or as `file:` addresses (desktop entries may hand either). What
 * they hold is for those to judge who open them.
 * @param argv the program's words, Chromium's switches among them; after a `--` none of them is a switch
 * @param folder where paths are meant from
 * @returns absolute paths
 */
export function handedIn(argv: readonly string[], folder: string): HandedPaths {
  const end = argv.indexOf("--");
  const before = (end < 0 ? argv : argv.slice(0, end)).filter((word) => !word.startsWith("-"));
  const words = [...before, ...(end < 0 ? [] : argv.slice(end + 1))];
  return sortPaths(words.flatMap((word) => pathOf(word, folder) ?? []));
}

/** @param paths absolute */
export function sortPaths(paths: readonly string[]): HandedPaths {
  const all = [...new Set(paths)];
  return {
    recipes: all.filter(isRecipeName).slice(0, maximumRecipes),
    models: all.filter((path) => !isRecipeName(path)).slice(0, maximumModels),
  };
}

/** As those names end that the installed program is offered for. */
function isRecipeName(name: string): boolean {
  return /\.ya?ml$/i.test(name);
}

/** Null for nothing, and for an address of something else than a local file. */
function pathOf(word: string, folder: string): string | null {
  if (word === "") return null;
  if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(word)) return resolve(folder, word);
  try {
    return fileURLToPath(word);
  } catch {
    return null;
  }
}
