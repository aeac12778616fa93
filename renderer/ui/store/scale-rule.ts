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
export function usableRules(rules: readonly ScaleRule[]): { readonly tensors: string; readonly scale: number }[] {
  return rules.flatMap(({ tensors, scale }) => (tensors.trim() === "" ? [] : [{ tensors: tensors.trim(), scale }]));
}
