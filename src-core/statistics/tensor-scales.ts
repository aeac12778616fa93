import { globMatches } from "../recipe/glob.ts";
import type { RecipeVector } from "../recipe/recipe.ts";
import { scaleOfTensor } from "../recipe/scale.ts";

/** A vector's λ, curve and rules, without its models. */
export type ScaleRecipe = Pick<RecipeVector, "scale" | "curve" | "rules">;

/** A tensor as λ sees it. A rule's glob is tried on each of its names. */
export interface ScalableTensor {
  readonly names: readonly string[];
  readonly layer: number | null;
}

/** Which rule a tensor follows, by index; −1 for none. Costs tensors × rules: kept while only λ or the curve moves. */
export function matchRules(
  tensors: readonly ScalableTensor[],
  rules: readonly { readonly tensors: string }[],
): Int32Array {
  if (rules.length === 0) return new Int32Array(tensors.length).fill(-1);
  return Int32Array.from(tensors, ({ names }) =>
    rules.findIndex((rule) => names.some((name) => globMatches(rule.tensors, name))),
  );
}

/**
 * λ of every tensor, by `scaleOfTensor`, which alone decides it; `matches` are `matchRules`' for the same rules. Asks once for
 * each layer and rule instead of once for each tensor.
 */
export function scalesOfTensors(
  tensors: readonly ScalableTensor[],
  matches: Int32Array,
  recipe: ScaleRecipe,
  layerCount: number,
): Float64Array {
  const { rules: _, ...withoutRules } = recipe;
  const scaleAt = (layer: number | null) => scaleOf(withoutRules, [], layer, layerCount);
  const outside = scaleAt(null);
  const inLayers = Array.from({ length: layerCount }, (_, layer) => scaleAt(layer));
  const byRule = (recipe.rules ?? []).map((rule) => scaleOf({ ...recipe, rules: [rule] }, [rule.tensors], null, 1));
  return Float64Array.from(tensors, ({ layer }, index) => {
    const ruled = byRule[matches[index] ?? -1];
    if (ruled !== undefined) return ruled;
    return layer === null ? outside : (inLayers[layer] ?? outside);
  });
}

/** λ of each layer where no rule holds: what the curve's picture shows. */
export function scalesOfLayers(recipe: ScaleRecipe, layerCount: number): readonly number[] {
  const { rules: _, ...withoutRules } = recipe;
  return Array.from({ length: layerCount }, (_, layer) => scaleOf(withoutRules, [], layer, layerCount));
}

function scaleOf(recipe: ScaleRecipe, names: readonly string[], layer: number | null, layerCount: number): number {
  return scaleOfTensor({ name: "", chat: "", base: "", ...recipe }, names, layer, layerCount).scale;
}
