import { fullRecipeOf, isEdited } from "./decisions.ts";
import type { StudioState } from "./studio-state.ts";

/** Models and one λ are soon chosen again; the rest is work. */
const soonDoneAgain = new Set(["models", "λ", "output folder"]);

/** What closing the window would lose: the recipe's name, "" for one that has none; null for nothing. An export keeps its recipe. */
export function unsavedNameOf(state: StudioState): string | null {
  if (state.document !== null) return isEdited(state) ? state.document.name : null;
  if (state.past.every(({ name }) => soonDoneAgain.has(name))) return null;
  const recipe = fullRecipeOf(state);
  return recipe === null || JSON.stringify(recipe) === state.exportedRecipe ? null : "";
}
