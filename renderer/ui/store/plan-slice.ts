import type { RecipeInput } from "../../../src-core/recipe/recipe.ts";
import { formatScale } from "../format/format.ts";
import { parseScale } from "../format/parse-scale.ts";
import { withChatToken, withoutChatTokens } from "./chat-tokens.ts";
import { decide, recipeOf } from "./decisions.ts";
import type { EditedVector } from "./edited-vector.ts";
import { attempt } from "./shown-failure.ts";
import type { SliceTools } from "./slice.ts";
import type { PlanSlice } from "./studio-state.ts";
import { selectedVectorOf, withVector } from "./vectors.ts";

/** Changes that come closer together than this are planned once. */
export const replanDelayMs = 50;
/** What an arrow key adds to λ. */
export const scaleStep = 0.05;
/** The slider's ends; the field takes any λ. */
export const sliderRange = { minimum: 0, maximum: 2 } as const;

export function createPlanSlice({ set, get, studio }: SliceTools): PlanSlice {
  let latestRequest = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function requestPlan(request: number): Promise<void> {
    const recipe = recipeOf(get());
    if (recipe === null) return;
    const outcome = await attempt(() => studio.plan(recipe));
    if (request !== latestRequest) return;
    if (!outcome.ok) return set({ plan: null, planning: false, planFailure: outcome.failure });
    const plan = outcome.value;
    const kept = plan.rows.some(({ name }) => name === get().selectedTensor);
    set({ plan, planning: false, planFailure: null, ...(kept ? {} : { selectedTensor: null }) });
    // A curve set on another model is stretched over this one's layers, which only its plan tells for sure.
    if (curveLengths(recipeOf(get())) !== curveLengths(recipe)) get().replan();
  }

  const changeVector = (change: Partial<EditedVector>) =>
    set((state) => withVector(state, selectedVectorOf(state).id, change));

  return {
    decisions: {},
    plan: null,
    planning: false,
    planFailure: null,
    selectedTensor: null,

    setScale(scale) {
      changeVector({ scale, scaleText: formatScale(scale), scaleError: null });
      get().replan();
    },

    typeScale(scaleText) {
      const parsed = parseScale(scaleText);
      if (!parsed.ok) return changeVector({ scaleText, scaleError: parsed.message });
      changeVector({ scaleText, scaleError: null, scale: parsed.scale });
      get().replan();
    },

    stepScale(steps) {
      // Decimal steps accumulate binary errors; twelve decimals are more than anyone types.
      get().setScale(Number((selectedVectorOf(get()).scale + steps * scaleStep).toFixed(12)));
    },

    restoreScaleText: () => changeVector({ scaleText: formatScale(selectedVectorOf(get()).scale), scaleError: null }),

    choose(code, choiceId) {
      set(({ decisions }) => ({ decisions: decide(decisions, code, choiceId) }));
      get().replan();
    },

    takeChatToken(token, taken, replaces) {
      set(({ recipeRest }) => ({ recipeRest: withChatToken(recipeRest, token, taken, replaces) }));
      get().replan();
    },

    changeOutput(change) {
      set(({ recipeRest }) => ({ recipeRest: { ...recipeRest, output: { ...recipeRest.output, ...change } } }));
      get().replan();
    },

    selectTensor: (selectedTensor) => set({ selectedTensor, selectedCell: null }),

    replan() {
      const request = ++latestRequest;
      clearTimeout(timer);
      if (recipeOf(get()) === null) return set({ plan: null, planning: false, planFailure: null });
      set({ planning: true });
      timer = setTimeout(() => void requestPlan(request), replanDelayMs);
    },

    modelsChanged({ replaced }) {
      set({ plan: null, planFailure: null, selectedTensor: null, selectedCell: null });
      if (replaced) set(({ recipeRest }) => ({ decisions: {}, recipeRest: withoutChatTokens(recipeRest) }));
      get().replan();
      void get().targetChanged();
    },
  };
}

function curveLengths(recipe: RecipeInput | null): string {
  const lengths = recipe?.vectors.map(({ curve, rules = [] }) => [curve, ...rules.map((rule) => rule.curve)]);
  return JSON.stringify(lengths?.map((curves) => curves.map((curve) => curve?.length ?? 0)));
}
