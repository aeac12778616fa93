import { minimumScale } from "../limits.ts";
import { globMatches } from "./glob.ts";
import type { LayeredScale, RecipeVector } from "./recipe.ts";

export interface TensorScale {
  /** λ as the kernel gets it: an f32, 0 or at least minimumScale in magnitude. */
  readonly scale: number;
  /** How it came about, for people. */
  readonly because: { readonly kind: "scale" | "curve" | "rule"; readonly factor: number; readonly pattern?: string };
}

/**
 * λ of one tensor: by the first matching rule, else by the vector. Inside the layers scale × curve(layer), outside them
 * `outside`, or the plain scale. A rule's glob is tried on the tensor's name and on its normalised name.
 */
export function scaleOfTensor(
  vector: RecipeVector,
  names: readonly string[],
  layer: number | null,
  layerCount: number,
): TensorScale {
  const rule = vector.rules?.find(({ tensors }) => names.some((name) => globMatches(tensors, name)));
  const { scale, curve, outside }: LayeredScale = rule ?? vector;
  const factor = layer === null || curve === undefined ? 1 : interpolateCurve(curve, depthOf(layer, layerCount));
  const value = layer === null ? (outside ?? scale) : scale * factor;
  if (rule !== undefined) {
    return { scale: roundScale(value), because: { kind: "rule", factor, pattern: rule.tensors } };
  }
  const kind = layer === null || curve === undefined ? "scale" : "curve";
  return { scale: roundScale(value), because: { kind, factor } };
}

/** From 0 (first layer) to 1 (last). The only layer of a network takes the curve's end, as a gradient of mergekit's does. */
function depthOf(layer: number, layerCount: number): number {
  return layerCount > 1 ? layer / (layerCount - 1) : 1;
}

/** The curve's value at a depth from 0 (first layer) to 1 (last), linear between its evenly spaced points. */
export function interpolateCurve(curve: readonly number[], depth: number): number {
  const position = Math.min(Math.max(depth, 0), 1) * (curve.length - 1);
  const index = Math.min(Math.floor(position), Math.max(curve.length - 2, 0));
  const left = curve[index] ?? 1;
  const right = curve[index + 1] ?? left;
  const fraction = position - index;
  return left * (1 - fraction) + right * fraction;
}

function roundScale(scale: number): number {
  const rounded = Math.fround(scale);
  return Math.abs(rounded) < minimumScale ? 0 : rounded;
}
