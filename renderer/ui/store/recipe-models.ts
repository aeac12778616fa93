import type { NamedModel } from "../../../electron/api/recipes.ts";
import type { Recipe, RecipeVector } from "../../../src-core/recipe/recipe.ts";
import { formatScale } from "../format/format.ts";
import { type EditedVector, newVector } from "./edited-vector.ts";
import { emptySlot, type ModelSlot } from "./model-slot.ts";
import { editedRule } from "./scale-rule.ts";

export interface ShownModels {
  readonly target: ModelSlot;
  readonly vectors: readonly EditedVector[];
}

/** An opened recipe as cards and vectors. A model that could not be opened is a card that says so and can be filled. */
export function modelsOfRecipe(recipe: Recipe, models: readonly NamedModel[], nextId: () => string): ShownModels {
  const slots = new Map(models.map((named) => [named.id, slotOf(named)]));
  const slotFor = (id: string) => slots.get(id) ?? emptySlot;
  const vectors = recipe.vectors.map((vector) => ({
    ...newVector(nextId()),
    ...scaleOf(vector),
    // What a recipe calls its only vector by default goes without saying.
    givenName: recipe.vectors.length === 1 && vector.name === "chat" ? null : vector.name,
    chat: slotFor(vector.chat),
    base: slotFor(vector.base),
  }));
  return { target: slotFor(recipe.target), vectors };
}

function slotOf({ id, name, model, failure }: NamedModel): ModelSlot {
  if (failure === null) return { ...emptySlot, model };
  return { ...emptySlot, failure: { failure, retry: { kind: "reference", id, name } } };
}

function scaleOf({ scale, curve, outside, rules = [] }: RecipeVector): Partial<EditedVector> {
  return {
    scale,
    scaleText: formatScale(scale),
    outside: outside ?? null,
    curve: curve === undefined ? null : { points: [], layerCount: 0, written: curve },
    rules: rules.map((rule, index) => editedRule(`opened-rule-${index}`, rule)),
  };
}
