import { interpolateCurve } from "../../../src-core/recipe/scale.ts";

/** A point of a λ curve as a person sets it: at a layer, a factor on λ. */
export interface CurvePoint {
  readonly layer: number;
  readonly factor: number;
}

export const curvePresets = ["flat", "ramp up", "ramp down", "middle", "ends"] as const;
export type CurvePreset = (typeof curvePresets)[number];

/** Points by share of the depth. */
const presetPoints: Readonly<Record<CurvePreset, readonly (readonly [depth: number, factor: number])[]>> = {
  flat: [
    [0, 1],
    [1, 1],
  ],
  "ramp up": [
    [0, 0],
    [1, 1],
  ],
  "ramp down": [
    [0, 1],
    [1, 0],
  ],
  middle: [
    [0, 0.25],
    [0.25, 1],
    [0.75, 1],
    [1, 0.25],
  ],
  ends: [
    [0, 1],
    [0.25, 0.25],
    [0.75, 0.25],
    [1, 1],
  ],
};

export function presetCurve(preset: CurvePreset, layerCount: number): readonly CurvePoint[] {
  const last = Math.max(layerCount - 1, 0);
  return onePerLayer(presetPoints[preset].map(([depth, factor]) => ({ layer: Math.round(depth * last), factor })));
}

/** The same shape over another number of layers. */
export function refitCurve(points: readonly CurvePoint[], from: number, to: number): readonly CurvePoint[] {
  if (from === to || from < 2 || to < 1) return points;
  const rescaled = points.map(({ layer, factor }) => ({ layer: Math.round((layer / (from - 1)) * (to - 1)), factor }));
  return onePerLayer(rescaled);
}

/**
 * The factor at every layer, linear between points and level beyond the outermost. As a recipe's curve, with as many evenly
 * spaced values as there are layers, it says the same as the points: those stand on layers.
 */
export function sampleCurve(points: readonly CurvePoint[], layerCount: number): readonly number[] {
  const sorted = onePerLayer(points);
  return Array.from({ length: layerCount }, (_, layer) => factorAt(sorted, layer));
}

/** The points between which a recipe's curve, at the layers of a model, is straight. */
export function cornersOfCurve(curve: readonly number[], layerCount: number): readonly CurvePoint[] {
  const last = Math.max(layerCount - 1, 0);
  const factors = Array.from({ length: last + 1 }, (_, layer) =>
    interpolateCurve(curve, last === 0 ? 1 : layer / last),
  );
  const bends = (layer: number) =>
    Math.abs((factors[layer - 1] ?? 0) + (factors[layer + 1] ?? 0) - 2 * (factors[layer] ?? 0)) > 1e-9;
  return factors.flatMap((factor, layer) =>
    layer === 0 || layer === last || bends(layer) ? [{ layer, factor: Number(factor.toPrecision(12)) }] : [],
  );
}

/** λ is everywhere the plain scale: no curve is needed. */
export function isFlat(points: readonly CurvePoint[]): boolean {
  return points.every(({ factor }) => factor === 1);
}

/** Adds a point, or moves the one that stands at its layer. */
export function setPoint(points: readonly CurvePoint[], point: CurvePoint): readonly CurvePoint[] {
  return onePerLayer([...points.filter(({ layer }) => layer !== point.layer), point]);
}

/** Moves a point as far as its neighbours allow; the outermost stay at the ends of the depth. */
export function movePoint(
  points: readonly CurvePoint[],
  index: number,
  { layer, factor }: CurvePoint,
): readonly CurvePoint[] {
  const before = points[index - 1];
  const after = points[index + 1];
  return points.map((point, at) => {
    if (at !== index) return point;
    if (before === undefined || after === undefined) return { layer: point.layer, factor };
    return { layer: Math.min(Math.max(layer, before.layer + 1), after.layer - 1), factor };
  });
}

/** The layer in the middle of the widest gap beside a point, for a new one; null when the neighbours stand side by side. */
export function layerForNewPoint(points: readonly CurvePoint[], index: number): number | null {
  const here = points[index]?.layer;
  if (here === undefined) return null;
  const gaps = [points[index + 1]?.layer, points[index - 1]?.layer]
    .filter((layer) => layer !== undefined)
    .filter((layer) => Math.abs(layer - here) > 1)
    .sort((a, b) => Math.abs(b - here) - Math.abs(a - here));
  const [far] = gaps;
  return far === undefined ? null : Math.round((here + far) / 2);
}

/** Takes a point away; the outermost stay. */
export function removePoint(points: readonly CurvePoint[], index: number): readonly CurvePoint[] {
  return index <= 0 || index >= points.length - 1 ? points : points.filter((_, at) => at !== index);
}

function onePerLayer(points: readonly CurvePoint[]): readonly CurvePoint[] {
  const byLayer = new Map(points.map((point) => [point.layer, point]));
  return [...byLayer.values()].sort((a, b) => a.layer - b.layer);
}

function factorAt(sorted: readonly CurvePoint[], layer: number): number {
  const after = sorted.findIndex((point) => point.layer >= layer);
  const right = sorted[after];
  const left = sorted[after - 1];
  if (right === undefined) return sorted.at(-1)?.factor ?? 1;
  if (left === undefined || right.layer === layer) return right.factor;
  const fraction = (layer - left.layer) / (right.layer - left.layer);
  return left.factor * (1 - fraction) + right.factor * fraction;
}
