import type { LayerCurve } from "../store/layer-curve.ts";
import { layerCountOf } from "../store/measured.ts";
import { memoLast } from "../store/memo.ts";
import { shapedOf } from "../store/shaped.ts";
import type { StudioState } from "../store/studio-state.ts";
import { selectedVectorOf } from "../store/vectors.ts";
import { type CurvePoint, cornersOfCurve, presetCurve, refitCurve } from "./layer-curve.ts";

/** A vector's curve by its points on the present model; a level curve has its two ends. */
export const curvePointsOf = (state: StudioState, vector = selectedVectorOf(state)): readonly CurvePoint[] =>
  fitted(vector.curve, layerCountOf(state));

/** Of what the curve editor edits: the selected vector, or a rule of it. */
export const shapedPointsOf = (state: StudioState): readonly CurvePoint[] =>
  fittedShape(shapedOf(state).curve, layerCountOf(state));

function fit(curve: LayerCurve | null, layerCount: number): readonly CurvePoint[] {
  if (curve === null) return presetCurve("flat", layerCount);
  if (curve.written !== undefined) return cornersOfCurve(curve.written, layerCount);
  return refitCurve(curve.points, curve.layerCount, layerCount);
}

const fitted = memoLast(fit);
const fittedShape = memoLast(fit);
