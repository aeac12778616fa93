import type { MeasureRequest } from "../../../electron/api.ts";
import { isMismatch, type ProblemCode } from "../../../src-core/plan/problem.ts";
import type { RecipeInput, VocabularyPolicy } from "../../../src-core/recipe/recipe.ts";
import { scaleRecipeOf } from "./measured.ts";
import { completeModels } from "./model-slot.ts";
import type { Decisions, StudioState } from "./studio-state.ts";

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

/** The recipe that the window describes, or null while a model is missing. Ids stand for paths. */
export function recipeOf(state: StudioState): RecipeInput | null {
  const models = completeModels(state.slots);
  if (models === null) return null;
  return {
    version: 1,
    target: models.target.id,
    vectors: [{ name: "chat", chat: models.chat.id, base: models.base.id, ...scaleRecipeOf(state) }],
    ...state.decisions,
  };
}

/**
 * What the window can measure now: chat and base alone, or with a target once the plan says that they fit. Null while there is
 * nothing to measure or a model is on its way. λ, curve and rules are no part of it.
 */
export function measureRequestOf({ slots, plan, decisions }: StudioState): MeasureRequest | null {
  const { target, chat, base } = slots;
  if (chat.model === null || base.model === null) return null;
  if (target.opening !== null || chat.opening !== null || base.opening !== null) return null;
  if (target.model !== null && (plan === null || plan.problems.some(({ severity }) => severity === "error")))
    return null;
  return {
    target: target.model?.id ?? null,
    vectors: [{ name: "chat", chat: chat.model.id, base: base.model.id }],
    ...(decisions.vocabulary === undefined ? {} : { vocabulary: decisions.vocabulary }),
  };
}
