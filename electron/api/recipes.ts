import type { Failure } from "../../src-core/errors.ts";
import type { Recipe, RecipeInput } from "../../src-core/recipe/recipe.ts";
import type { CheckpointSummary } from "./models.ts";

/** A recipe's file: saving writes there. */
export interface RecipeDocument {
  readonly id: string;
  readonly name: string;
  readonly path: string;
}

export interface OpenedRecipe {
  /** Null for a mergekit file, which is saved as a new recipe. */
  readonly document: RecipeDocument | null;
  /** The file's. */
  readonly name: string;
  /** With ids of `models` in place of paths. */
  readonly recipe: Recipe;
  readonly models: readonly NamedModel[];
  /** What of a mergekit file has no effect, or is not quite the same. */
  readonly notes: readonly { readonly where: string; readonly message: string }[];
  /** It was brought back: what it says is in no file. */
  readonly isUnsaved: boolean;
}

/** A recipe that an earlier start of the program, or a page that crashed, left unsaved. */
export interface UnsavedRecipe {
  readonly id: string;
  readonly name: string;
  /** When it was changed last: milliseconds since 1970. */
  readonly keptMs: number;
  /** Of its file; null where it has none. */
  readonly path: string | null;
}

/** A model that a recipe names: opened, or with the reason why not. */
export interface NamedModel {
  readonly id: string;
  readonly name: string;
  readonly model: CheckpointSummary | null;
  readonly failure: Failure | null;
}

/** What another program did to what is open. */
export interface ChangedOnDisk {
  readonly models: readonly { readonly id: string; readonly name: string }[];
  /** `gone`: there is no such file any more. */
  readonly recipe: "changed" | "gone" | null;
}

export interface RecentRecipe {
  readonly id: string;
  readonly name: string;
  readonly folder: string;
  /** It is no longer there. */
  readonly missing: boolean;
}

export interface RecipeToKeep {
  readonly name: string;
  readonly recipe: RecipeInput;
  readonly documentId: string | null;
}

export interface SaveRecipeRequest {
  /** With ids of opened checkpoints, or of models that an opened recipe names. */
  readonly recipe: RecipeInput;
  readonly documentId: string | null;
  /** Ask for a file, whether there is one or not. */
  readonly as: boolean;
}

export interface MergekitFile {
  readonly path: string;
  /** What mergekit does otherwise. */
  readonly notes: readonly string[];
}
