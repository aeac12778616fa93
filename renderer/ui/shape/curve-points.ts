import type { LayerCurve } from "../store/edited-vector.ts";
import { layerCountOf } from "../store/measured.ts";
import { memoLast } from "../store/memo.ts";
import type { StudioState } from "../store/studio-state.ts";
import { selectedVectorOf } from "../store/vectors.ts";
import { type CurvePoint, cornersOfCurve, presetCurve, refitCurve } from "./layer-curve.ts";

/** A vector's curve by its points on the present model; a level curve has its two ends. */
export const curvePointsOf = (state: StudioState, vector = selectedVectorOf(state)): readonly CurvePoint[] =>
  fitted(vector.curve, layerCountOf(state));

const fitted = memoLast((curve: LayerCurve | null, layerCount: number) => {
  if (curve === null) return presetCurve("flat", layerCount);
  if (curve.written !== undefined) return cornersOfCurve(curve.written, layerCount);
  return refitCurve(curve.points, curve.layerCount, layerCount);
});
