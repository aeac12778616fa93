import { layerCountOf } from "../store/measured.ts";
import { memoLast } from "../store/memo.ts";
import type { LayerCurve, StudioState } from "../store/studio-state.ts";
import { type CurvePoint, presetCurve, refitCurve } from "./layer-curve.ts";

/** The curve's points on the present model; a level curve has its two ends. */
export const curvePointsOf = (state: StudioState): readonly CurvePoint[] => fitted(state.curve, layerCountOf(state));

const fitted = memoLast((curve: LayerCurve | null, layerCount: number) =>
  curve === null ? presetCurve("flat", layerCount) : refitCurve(curve.points, curve.layerCount, layerCount),
);
