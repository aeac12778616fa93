import type { RecipeRule } from "../../../src-core/recipe/recipe.ts";
import { formatScale } from "../format/format.ts";
import { parseScale } from "../format/parse-scale.ts";
import { type LayerCurve, writtenCurve } from "./layer-curve.ts";

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
  /** Null: level at the scale. */
  readonly curve: LayerCurve | null;
  /** λ outside the layers, where it is not `scale`. */
  readonly outside: number | null;
}

export function newRule(id: string, tensors: string, scale: number): ScaleRule {
  return { id, tensors, scale, scaleText: formatScale(scale), scaleError: null, curve: null, outside: null };
}

export function withScaleText(rule: ScaleRule, scaleText: string): ScaleRule {
  const parsed = parseScale(scaleText);
  if (!parsed.ok) return { ...rule, scaleText, scaleError: parsed.message };
  return { ...rule, scaleText, scaleError: null, scale: parsed.scale };
}

/** The rules as a recipe has them, their curves over so many layers. */
export function usableRules(rules: readonly ScaleRule[], layerCount: number): readonly RecipeRule[] {
  return rules.flatMap(({ tensors, scale, curve, outside }) => {
    if (tensors.trim() === "") return [];
    const written = writtenCurve(curve, layerCount);
    return {
      tensors: tensors.trim(),
      scale,
      ...(written === null ? {} : { curve: [...written] }),
      ...(outside === null ? {} : { outside }),
    };
  });
}

/** A recipe's rule, to be edited. */
export function editedRule(id: string, { tensors, scale, curve, outside }: RecipeRule): ScaleRule {
  return {
    ...newRule(id, tensors, scale),
    curve: curve === undefined ? null : { points: [], layerCount: 0, written: curve },
    outside: outside ?? null,
  };
}
