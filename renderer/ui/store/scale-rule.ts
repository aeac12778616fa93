import type { RecipeRule } from "../../../src-core/recipe/recipe.ts";
import { formatScale } from "../format/format.ts";
import { parseScale } from "../format/parse-scale.ts";

/** A rule as it is being edited. One whose pattern or λ cannot be used yet takes no part. */
export interface ScaleRule {
  readonly id: string;
  /** A glob on tensor names. */
  readonly tensors: string;
  /** λ in effect. */
  readonly scale: number;
  /** What stands in the field. */
  readonly scaleText: string;
  readonly scaleError: string | null;
  /** What a recipe says of it beyond one λ; kept, and said beside it. */
  readonly layered?: Pick<RecipeRule, "curve" | "outside">;
}

export function newRule(id: string, tensors: string, scale: number): ScaleRule {
  return { id, tensors, scale, scaleText: formatScale(scale), scaleError: null };
}

export function withScaleText(rule: ScaleRule, scaleText: string): ScaleRule {
  const parsed = parseScale(scaleText);
  if (!parsed.ok) return { ...rule, scaleText, scaleError: parsed.message };
  return { ...rule, scaleText, scaleError: null, scale: parsed.scale };
}

/** The rules as a recipe has them. */
export function usableRules(rules: readonly ScaleRule[]): readonly RecipeRule[] {
  return rules.flatMap(({ tensors, scale, layered }) =>
    tensors.trim() === "" ? [] : [{ tensors: tensors.trim(), scale, ...layered }],
  );
}

/** A recipe's rule, to be edited. */
export function editedRule(id: string, { tensors, scale, ...layered }: RecipeRule): ScaleRule {
  const rule = newRule(id, tensors, scale);
  return layered.curve === undefined && layered.outside === undefined ? rule : { ...rule, layered };
}
