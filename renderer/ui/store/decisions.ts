import type { MeasureRequest } from "../../../electron/api/measuring.ts";
import { isMismatch, type ProblemCode } from "../../../src-core/plan/problem.ts";
import type { RecipeInput, VocabularyPolicy } from "../../../src-core/recipe/recipe.ts";
import { type EditedVector, isComplete } from "./edited-vector.ts";
import { scaleRecipeOf } from "./measured.ts";
import { idOfSlot } from "./model-slot.ts";
import type { Decisions, StudioState } from "./studio-state.ts";
import { completeVectorsOf, vectorNameOf } from "./vectors.ts";

/** Every policy, as the type checker sees to; the recipe's own list would bring its whole schema into the window. */
const vocabularyPolicies: Readonly<Record<VocabularyPolicy, VocabularyPolicy>> = {
  "by-token": "by-token",
  "first-rows": "first-rows",
  "keep-target": "keep-target",
};

/** The decisions after a choice of a problem was pressed. The one way out of a shape mismatch can be taken back. */
export function decide(decisions: Decisions, code: ProblemCode, choiceId: string): Decisions {
  if (code === "vocabulary-differs") {
    const vocabulary = Object.values(vocabularyPolicies).find((policy) => policy === choiceId);
    if (vocabulary !== undefined) return { ...decisions, vocabulary };
  }
  if (isMismatch(code) && choiceId === "keep-target") {
    const { onMismatch, ...others } = decisions;
    return onMismatch === undefined ? { ...others, onMismatch: "keep-target" } : others;
  }
  throw new Error(`choice ${choiceId} of problem ${code} has no place in the recipe`);
}

/**
 * The recipe that the window describes, or null while the target or every vector lacks a model. Ids stand for paths. A vector that
 * lacks a model is no part of it; exporting waits for it.
 */
export function recipeOf(state: StudioState): RecipeInput | null {
  const { target } = state;
  const vectors = completeVectorsOf(state);
  if (target.model === null || vectors.length === 0) return null;
  return recipeWith(
    state,
    target.model.id,
    vectors.map((vector) => ({ vector, chat: vector.chat.model.id, base: vector.base.model.id })),
  );
}

/** The same with every vector, to be saved; models that an opened recipe names need not be there. Null where one is not even named. */
export function fullRecipeOf(state: StudioState): RecipeInput | null {
  const target = idOfSlot(state.target);
  const vectors = state.vectors.flatMap((vector) => {
    const [chat, base] = [idOfSlot(vector.chat), idOfSlot(vector.base)];
    return chat === null || base === null ? [] : [{ vector, chat, base }];
  });
  if (target === null || vectors.length < state.vectors.length) return null;
  return recipeWith(state, target, vectors);
}

/** Whether there is something to save since the recipe was opened or saved. */
export function isEdited(state: StudioState): boolean {
  return state.document !== null && JSON.stringify(fullRecipeOf(state)) !== state.savedRecipe;
}

function recipeWith(
  state: StudioState,
  target: string,
  vectors: readonly { readonly vector: EditedVector; readonly chat: string; readonly base: string }[],
): RecipeInput {
  return {
    ...state.recipeRest,
    version: 1,
    target,
    vectors: vectors.map(({ vector, chat, base }) => ({
      name: vectorNameOf(state, vector.id),
      chat,
      base,
      ...scaleRecipeOf(state, vector),
    })),
    ...state.decisions,
  };
}

/**
 * What the window can measure now: the vectors alone, or with a target once the plan says that they fit. Null while there is
 * nothing to measure or a model is on its way. λ, curve, rules and names are no part of it.
 */
export function measureRequestOf(state: StudioState): MeasureRequest | null {
  const { target, vectors, plan, decisions } = state;
  const complete = completeVectorsOf(state);
  if (complete.length === 0 || target.opening !== null) return null;
  if (vectors.some((vector) => isComplete(vector) && (vector.chat.opening ?? vector.base.opening) !== null))
    return null;
  if (target.model !== null && (plan === null || plan.problems.some(({ severity }) => severity === "error")))
    return null;
  return {
    target: target.model?.id ?? null,
    // Named by place, so that another name is not another measurement.
    vectors: complete.map(({ chat, base }, index) => ({
      name: index === 0 ? "chat" : `chat ${index + 1}`,
      chat: chat.model.id,
      base: base.model.id,
    })),
    ...(decisions.vocabulary === undefined ? {} : { vocabulary: decisions.vocabulary }),
  };
}
