import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { isFloat } from "../checkpoint/dtype.ts";
import type { Recipe } from "../recipe/recipe.ts";
import type { MeasuredTensor, MeasurePlan } from "./measure-plan.ts";
import type { PlannedTensor } from "./merge-plan.ts";
import { type PlanInput, planMerge } from "./plan-merge.ts";
import type { Problem } from "./problem.ts";
import { placeOfTensor } from "./tensor-names.ts";

export interface MeasureInput extends Omit<PlanInput, "recipe" | "target"> {
  /** λ, curves and rules in it do not matter; its target is ignored when `target` is null. */
  readonly recipe: Recipe;
  /** Null where only base and chat are at hand. */
  readonly target: Checkpoint | null;
}

/**
 * Decides from headers alone what is measured: every tensor that merging with any λ could touch, over the same elements, and
 * the target's own norm elsewhere. Integers are not measured.
 */
export function planMeasure({ recipe, target, vectors }: MeasureInput): {
  plan: MeasurePlan;
  problems: readonly Problem[];
} {
  const [first] = vectors;
  const [firstRecipe] = recipe.vectors;
  if (first === undefined || firstRecipe === undefined) throw new RangeError("no vector to measure");
  const merge = planMerge({
    recipe: {
      ...recipe,
      ...(target === null ? { target: firstRecipe.base } : {}),
      // Nothing is written: what would travel along, and tokens that would be taken, do not matter.
      output: { ...recipe.output, tokenizer: "target", chatTemplate: "target", chatTokens: [] },
      vectors: recipe.vectors.map(({ name, chat, base }) => ({ name, chat, base, scale: 1 })),
    },
    target: target ?? first.base,
    vectors,
  });
  const plan = {
    vectorNames: recipe.vectors.map(({ name }) => name),
    hasTarget: target !== null,
    sources: merge.sources,
    tensors: merge.tensors.flatMap((tensor) => measuredTensor(tensor, target !== null)),
  };
  // Nothing is written, so nothing is widened.
  return { plan, problems: merge.problems.filter(({ code }) => code !== "float8-widened") };
}

function measuredTensor(tensor: PlannedTensor, hasTarget: boolean): MeasuredTensor[] {
  if (!isFloat(tensor.target.dtype)) return [];
  const spans = tensor.spans.map(({ elementOffset, elementCount, vectors }) => ({
    elementOffset,
    elementCount,
    vectors: vectors.map(({ scale: _, ...vector }) => vector),
  }));
  const measured = hasTarget ? spans : spans.filter(({ vectors }) => vectors.length > 0);
  if (measured.length === 0) return [];
  const { name, shape, elementCount, target } = tensor;
  const place = placeOfTensor(name);
  return [
    {
      name,
      dtype: target.encoded?.dtype ?? target.dtype,
      shape,
      elementCount,
      ...place,
      target: hasTarget ? target : null,
      spans: measured,
    },
  ];
}
