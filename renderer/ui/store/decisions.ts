import type { ProblemCode } from "../../../src-core/plan/problem.ts";
import type { RecipeInput, VocabularyPolicy } from "../../../src-core/recipe/recipe.ts";
import { completeModels, type ModelSlots } from "./model-slot.ts";

/** What the user decided about problems; what is absent is undecided. */
export interface Decisions {
  readonly vocabulary?: VocabularyPolicy;
  readonly onMismatch?: "keep-target";
}

/** Every policy, as the type checker sees to; the recipe's own list would bring its whole schema into the window. */
const vocabularyPolicies: Readonly<Record<VocabularyPolicy, VocabularyPolicy>> = {
  "first-rows": "first-rows",
  "keep-target": "keep-target",
};

/** The decisions after a choice of a problem was pressed. The one way out of a shape mismatch can be taken back. */
export function decide(decisions: Decisions, code: ProblemCode, choiceId: string): Decisions {
  if (code === "vocabulary-differs") {
    const vocabulary = Object.values(vocabularyPolicies).find((policy) => policy === choiceId);
    if (vocabulary !== undefined) return { ...decisions, vocabulary };
  }
  if (code === "shape-differs" && choiceId === "keep-target") {
    const { onMismatch, ...others } = decisions;
    return onMismatch === undefined ? { ...others, onMismatch: "keep-target" } : others;
  }
  throw new Error(`choice ${choiceId} of problem ${code} has no place in the recipe`);
}

/** The recipe that the window describes, or null while a model is missing. Ids stand for paths. */
export function recipeOf(state: {
  readonly slots: ModelSlots;
  readonly scale: number;
  readonly decisions: Decisions;
}): RecipeInput | null {
  const models = completeModels(state.slots);
  if (models === null) return null;
  return {
    version: 1,
    target: models.target.id,
    vectors: [{ name: "chat", chat: models.chat.id, base: models.base.id, scale: state.scale }],
    ...state.decisions,
  };
}
