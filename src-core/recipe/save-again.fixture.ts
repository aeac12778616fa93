import { expect } from "vitest";
import { parseRecipe } from "./parse-recipe.ts";
import { updateRecipeText } from "./update-recipe.ts";

/** What was read, changed in values alone and then with a new key, and read again. */
export function saveAgain(text: string): void {
  const { recipe } = parseRecipe(text, "fuzz.yaml");
  const vectors = recipe.vectors.map((vector) => ({ ...vector, scale: 0.25, chat: "other: name" }));
  for (const changed of [
    { ...recipe, vectors },
    { ...recipe, vectors: vectors.map((vector) => ({ ...vector, outside: 0.5 })) },
  ]) {
    expect(parseRecipe(updateRecipeText(text, changed, "fuzz.yaml"), "fuzz.yaml").recipe).toEqual(changed);
  }
}
