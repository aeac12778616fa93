import type { RecipeToKeep } from "../../../electron/api/recipes.ts";
import { fullRecipeOf, isEdited } from "./decisions.ts";
import { mergeNameOf } from "./merge-name.ts";
import type { StudioState } from "./studio-state.ts";

/** Models and one λ are soon chosen again; the rest is work. */
const soonDoneAgain = new Set(["models", "λ", "output folder"]);

/** What closing the window would lose: the recipe's name, "" for one that has none; null for nothing. An export keeps its recipe. */
export function unsavedNameOf(state: StudioState): string | null {
  if (state.document !== null) return isEdited(state) ? state.document.name : null;
  if (!state.isBroughtBack && state.past.every(({ name }) => soonDoneAgain.has(name))) return null;
  const recipe = fullRecipeOf(state);
  return recipe === null || JSON.stringify(recipe) === state.exportedRecipe ? null : "";
}

/** What a crash would lose: more than closing asks about, since nobody wants to choose three models twice for it. Null for nothing. */
export function toKeepOf(state: StudioState): RecipeToKeep | null {
  const recipe = fullRecipeOf(state);
  if (recipe === null) return null;
  const safe = state.document === null ? state.exportedRecipe : state.savedRecipe;
  if (JSON.stringify(recipe) === safe) return null;
  return { name: mergeNameOf(state), recipe, documentId: state.document?.id ?? null };
}
