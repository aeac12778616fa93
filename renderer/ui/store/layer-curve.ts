import { type CurvePoint, isFlat, refitCurve, sampleCurve } from "../shape/layer-curve.ts";

/** A curve of a vector or a rule, as it is being edited. */
export interface LayerCurve {
  readonly points: readonly CurvePoint[];
  /** Layers of the model that the points were set on. */
  readonly layerCount: number;
  /** As a recipe has it, in place of the points, until somebody moves one. */
  readonly written?: readonly number[];
}

/** The curve as a recipe has it, a factor for each layer; null where it is level at 1, or nothing is known of the layers. */
export function writtenCurve(curve: LayerCurve | null, layerCount: number): readonly number[] | null {
  if (curve?.written !== undefined) return curve.written;
  if (curve === null || isFlat(curve.points) || layerCount === 0) return null;
  return sampleCurve(refitCurve(curve.points, curve.layerCount, layerCount), layerCount);
}
