import { minimumScale } from "../limits.ts";
import { globMatches } from "./glob.ts";
import type { RecipeVector } from "./recipe.ts";

export interface TensorScale {
  /** λ as the kernel gets it: an f32, 0 or at least minimumScale in magnitude. */
  readonly scale: number;
  /** How it came about, for people. */
  readonly because: { readonly kind: "scale" | "curve" | "rule"; readonly factor: number; readonly pattern?: string };
}

/**
 * λ of one tensor: the first matching rule's scale; else scale × curve(layer); outside the layers the plain scale.
 * A rule's glob is tried on the tensor's name and on its normalised name.
 */
export function scaleOfTensor(
  vector: RecipeVector,
  names: readonly string[],
  layer: number | null,
  layerCount: number,
): TensorScale {
  const rule = vector.rules?.find(({ tensors }) => names.some((name) => globMatches(tensors, name)));
  if (rule !== undefined) {
    return { scale: roundScale(rule.scale), because: { kind: "rule", factor: 1, pattern: rule.tensors } };
  }
  if (layer === null || vector.curve === undefined) {
    return { scale: roundScale(vector.scale), because: { kind: "scale", factor: 1 } };
  }
  const factor = interpolateCurve(vector.curve, layerCount > 1 ? layer / (layerCount - 1) : 0);
  return { scale: roundScale(vector.scale * factor), because: { kind: "curve", factor } };
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
