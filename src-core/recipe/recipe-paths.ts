import type { Recipe } from "./recipe.ts";

/** What `resolveRecipePaths` needs of the host: `node:path`'s functions, for one platform or the other. */
export interface PathResolution {
  readonly isAbsolute: (path: string) => boolean;
  readonly resolve: (folder: string, path: string) => string;
  /**
   * Whether "org/name" stays what it is, the id of a model in the local Hugging Face cache. Asked only for what can be one; the
   * usual answer is that there is nothing at `resolved`.
   */
  readonly isModelId: (reference: string, resolved: string) => boolean;
}

export interface PathRelation {
  /** `node:path`'s `sep`. */
  readonly separator: string;
  readonly isAbsolute: (path: string) => boolean;
  readonly relative: (folder: string, path: string) => string;
}

/** Every model's path, relative to the folder of the recipe's file, as an absolute one. Absolute paths and ids stay. */
export function resolveRecipePaths(recipe: Recipe, folder: string, host: PathResolution): Recipe {
  return mapModels(recipe, (reference) => resolveReference(reference, folder, host));
}

/** The same of one model. */
export function resolveReference(reference: string, folder: string, host: PathResolution): string {
  if (host.isAbsolute(reference)) return reference;
  const resolved = host.resolve(folder, reference);
  return isModelIdLike(reference) && host.isModelId(reference, resolved) ? reference : resolved;
}

/**
 * Absolute paths as seen from the folder of the recipe's file, with "/" on every platform, and with "./" or "../" in front, so that
 * they cannot be taken for ids. What has no relative path (another drive) or only one through the root stays absolute.
 */
export function relativizeRecipePaths(recipe: Recipe, folder: string, host: PathRelation): Recipe {
  return mapModels(recipe, (path) => {
    if (!host.isAbsolute(path)) return path;
    const relative = host.relative(folder, path);
    if (host.isAbsolute(relative)) return path;
    const portable = relative.split(host.separator).join("/");
    const stepsUp = portable.split("/").filter((step) => step === "..").length;
    if (stepsUp > 0 && stepsUp >= folderDepth(folder, host.separator)) return path;
    if (portable === "") return ".";
    return stepsUp > 0 ? portable : `./${portable}`;
  });
}

/** Steps from the root, or from the drive. */
function folderDepth(folder: string, separator: string): number {
  const steps = folder.split(separator === "\\" ? /[\\/]/ : separator);
  return steps.filter((step) => step !== "" && !(separator === "\\" && step.endsWith(":"))).length;
}

/** Whether a text can be a model's id, "org/name": two words, and no path that says that it is one. */
export function isModelIdLike(reference: string): boolean {
  return /^\w[\w.-]*\/\w[\w.-]*$/.test(reference);
}

function mapModels(recipe: Recipe, map: (reference: string) => string): Recipe {
  return {
    ...recipe,
    target: map(recipe.target),
    vectors: recipe.vectors.map((vector) => ({ ...vector, chat: map(vector.chat), base: map(vector.base) })),
  };
}
