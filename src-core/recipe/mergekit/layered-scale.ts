import { maximumCurveLength } from "../../limits.ts";
import type { LayeredScale } from "../recipe.ts";
import { constantOf, type Gradient, gradientAt, sumGradients, unsigned } from "./gradient.ts";
import type { Segment } from "./segments.ts";

/** The values that one tensor name gets from a segment's settings. */
export interface SegmentValues {
  readonly lambda: Gradient;
  readonly normalize: Gradient;
  /** Of the vector in question; null where it has none: mergekit stops where a tensor has such a name, so λ may be 0. */
  readonly weight: Gradient | null;
  /** Of all vectors, this one among them; only looked at where `normalize` is on. */
  readonly weights: readonly Gradient[];
}

/** λ of a vector inside the layers and outside them; mergekit tells what stands before the layers from what stands behind. */
export interface ImportedScale extends LayeredScale {
  /** λ of what stands before the layers (embeddings), where it is not that of what stands behind them (norm, head). */
  readonly before?: number;
}

/** mergekit's guard against dividing by nothing. */
const smallestDivisor = 1e-8;

/**
 * λ as a recipe says it. Where it is no straight line between a gradient's points, or changes from segment to segment, it is
 * written down layer by layer; null when that needs the number of layers, which is not known.
 */
export function layeredScale(segments: readonly Segment[], values: readonly SegmentValues[]): ImportedScale | null {
  const [only] = values;
  if (values.length === 1 && only !== undefined) {
    if (only.weight === null) return { scale: 0 };
    const line = asLine(only, only.weight);
    if (line !== null) return fromGradient(line.gradient, line.factor);
  }
  return layerByLayer(segments, values);
}

/** λ as a gradient times a factor, where it is one. */
function asLine(
  { lambda, normalize, weights }: SegmentValues,
  weight: Gradient,
): { gradient: Gradient; factor: number } | null {
  const divisor = divisorOf(normalize, weight, weights);
  if (divisor === null) return null;
  const factor = constantOf(lambda);
  if (divisor === "itself") return { gradient: lambda, factor: 1 };
  const part = constantOf(weight);
  if (part !== null) return { gradient: lambda, factor: part / divisor };
  return factor === null ? null : { gradient: weight, factor: factor / divisor };
}

/** What the sum is divided by; "itself" where that is the weight, at every depth. Null where it changes with the depth. */
function divisorOf(normalize: Gradient, weight: Gradient, weights: readonly Gradient[]): number | "itself" | null {
  const isOn = constantOf(normalize);
  if (isOn === null) return null;
  if (isOn === 0) return 1;
  const isAlone = weights.length === 1;
  const isAway =
    weight.every((value) => value >= smallestDivisor) || weight.every((value) => value <= -smallestDivisor);
  if (isAlone && isAway) return "itself";
  const sum = sumGradients(weights, maximumCurveLength);
  if (sum === null) return null;
  const [least, most] = [Math.min(...sum), Math.max(...sum)];
  // [0, 1] and [1, 0] sum to 1 everywhere, but for the last bit.
  if (most - least > 1e-15 * Math.max(Math.abs(most), Math.abs(least))) return null;
  return Math.abs(most) < smallestDivisor ? 1 : most;
}

function fromGradient(gradient: Gradient, factor: number): ImportedScale {
  const constant = constantOf(gradient);
  if (constant !== null || factor === 0) return { scale: unsigned((constant ?? 0) * factor) };
  const curve = gradient.map(unsigned);
  // Whatever is outside the layers takes a gradient's first value.
  return { scale: factor, curve, outside: unsigned((curve[0] ?? 0) * factor) };
}

function layerByLayer(segments: readonly Segment[], values: readonly SegmentValues[]): ImportedScale | null {
  const curve: number[] = [];
  for (const [index, { layerCount }] of segments.entries()) {
    const own = values[index];
    if (layerCount === null || own === undefined) return null;
    for (let layer = 0; layer < layerCount; layer++) {
      // A lone layer takes a gradient's end.
      curve.push(scaleAt(own, layerCount > 1 ? layer / (layerCount - 1) : 1));
    }
  }
  const [first, last] = [values[0], values.at(-1)];
  if (first === undefined || last === undefined) throw new Error("no segment");
  const before = scaleAt(first, 0);
  const outside = scaleAt(last, 0);
  const isEven = curve.every((value) => value === outside);
  return {
    ...(isEven ? { scale: outside } : { scale: 1, curve, outside }),
    ...(before === outside ? {} : { before }),
  };
}

function scaleAt({ lambda, normalize, weight, weights }: SegmentValues, depth: number): number {
  if (weight === null) return 0;
  const isNormalized = gradientAt(normalize, depth) !== 0;
  const sum = isNormalized ? weights.reduce((total, other) => total + gradientAt(other, depth), 0) : 1;
  const divisor = Math.abs(sum) < smallestDivisor ? 1 : sum;
  return unsigned((gradientAt(weight, depth) / divisor) * gradientAt(lambda, depth));
}
