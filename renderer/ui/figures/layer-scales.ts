import { curvePointsOf } from "../shape/curve-points.ts";
import { sampleCurve } from "../shape/layer-curve.ts";
import { layerCountOf } from "../store/measured.ts";
import type { StudioState } from "../store/studio-state.ts";
import { selectedVectorOf } from "../store/vectors.ts";

/** λ over the layers where no rule holds. */
export function scalesOfLayers(state: StudioState): readonly number[] {
  return sampleCurve(curvePointsOf(state), layerCountOf(state)).map((factor) => selectedVectorOf(state).scale * factor);
}
