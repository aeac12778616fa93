import { globMatches } from "../recipe/glob.ts";
import type { LayeredScale, RecipeVector } from "../recipe/recipe.ts";
import { scaleOfTensor } from "../recipe/scale.ts";

/** All that decides a vector's λ, without its models. */
export type ScaleRecipe = LayeredScale & Pick<RecipeVector, "rules">;

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
 * each rule and layer instead of once for each tensor.
 */
export function scalesOfTensors(
  tensors: readonly ScalableTensor[],
  matches: Int32Array,
  recipe: ScaleRecipe,
  layerCount: number,
): Float64Array {
  const byVector = layeredScales(recipe, layerCount);
  const byRule = (recipe.rules ?? []).map((rule) => layeredScales(rule, layerCount));
  return Float64Array.from(tensors, ({ layer }, index) => {
    const { outside, inLayers } = byRule[matches[index] ?? -1] ?? byVector;
    return layer === null ? outside : (inLayers[layer] ?? outside);
  });
}

interface LayeredScales {
  readonly outside: number;
  readonly inLayers: readonly number[];
}

/** λ where no rule holds, or where this one does. */
function layeredScales({ scale, curve, outside }: LayeredScale, layerCount: number): LayeredScales {
  const vector = { name: "", chat: "", base: "", scale, curve, outside };
  const at = (layer: number | null) => scaleOfTensor(vector, [], layer, layerCount).scale;
  return { outside: at(null), inLayers: Array.from({ length: layerCount }, (_, layer) => at(layer)) };
}
