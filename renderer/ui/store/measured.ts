import type { MeasureRequest, MeasureRow, PlanSummary } from "../../../electron/api.ts";
import { normalizeTensorName } from "../../../src-core/plan/tensor-names.ts";
import { joinScales, metricsOfKnown } from "../../../src-core/statistics/cell-values.ts";
import { type HeatmapLayout, layOutHeatmap } from "../../../src-core/statistics/heatmap-layout.ts";
import { type MetricKey, metricKinds } from "../../../src-core/statistics/metric.ts";
import type { Metrics, ScaledTensor } from "../../../src-core/statistics/metrics.ts";
import {
  matchRules,
  type ScalableTensor,
  type ScaleRecipe,
  scalesOfTensors,
} from "../../../src-core/statistics/tensor-scales.ts";
import { isFlat, refitCurve, sampleCurve } from "../shape/layer-curve.ts";
import { memoLast } from "./memo.ts";
import { type ScaleRule, usableRules } from "./scale-rule.ts";
import type { LayerCurve, StudioState } from "./studio-state.ts";

/** The vector whose τ and λ are shown. The window has one; all that is derived takes any number. */
export const shownVector = 0;

/** Layers by the tensors' names, as the plan counts them: what the curve is stretched over. 0 before anything is known. */
export const layerCountOf = (state: Pick<StudioState, "plan" | "measureRows" | "slots">): number =>
  countLayers(state.plan, state.measureRows) || (state.slots.target.model?.layerCount ?? 0);

const countLayers = memoLast((plan: PlanSummary | null, rows: readonly MeasureRow[]): number => {
  const count = (layers: readonly { readonly layer: number | null }[]) =>
    layers.reduce((most, { layer }) => Math.max(most, (layer ?? -1) + 1), 0);
  return Math.max(count(plan?.rows ?? []), count(rows));
});

export const layoutOf = (state: Pick<StudioState, "measureRows">): HeatmapLayout => layOut(state.measureRows);
const layOut = memoLast((rows: readonly MeasureRow[]) => layOutHeatmap(rows));

/** The index of each measured tensor. */
export const rowIndexOf = (state: Pick<StudioState, "measureRows">): ReadonlyMap<string, number> =>
  indexRows(state.measureRows);
const indexRows = memoLast((rows: readonly MeasureRow[]) => new Map(rows.map(({ name }, index) => [name, index])));

/** λ, curve and rules in effect: what the recipe gets, and what is drawn. */
export const scaleRecipeOf = (
  state: Pick<StudioState, "scale" | "curve" | "rules" | "plan" | "measureRows" | "slots">,
): ScaleRecipe => scaleRecipe(state.scale, sampled(state.curve, layerCountOf(state)), recipeRules(state.rules));

const sampled = memoLast((curve: LayerCurve | null, layerCount: number): number[] | null => {
  if (curve === null || isFlat(curve.points) || layerCount === 0) return null;
  return [...sampleCurve(refitCurve(curve.points, curve.layerCount, layerCount), layerCount)];
});

const recipeRules = memoLast((rules: readonly ScaleRule[]) => usableRules(rules));

const scaleRecipe = memoLast(
  (scale: number, curve: number[] | null, rules: ReturnType<typeof usableRules>): ScaleRecipe => ({
    scale,
    ...(curve === null ? {} : { curve }),
    ...(rules.length === 0 ? {} : { rules }),
  }),
);

const scalable = memoLast((rows: readonly MeasureRow[]): readonly ScalableTensor[] =>
  rows.map(({ name, layer }) => ({ names: [name, normalizeTensorName(name)], layer })),
);

const matchedRules = memoLast((tensors: readonly ScalableTensor[], rules: ScaleRecipe["rules"]) =>
  matchRules(tensors, rules ?? []),
);

/** Which rule each measured tensor follows, by index into the usable rules; −1 for none. */
export const ruleMatchesOf = (state: Pick<StudioState, "measureRows" | "rules">): Int32Array =>
  matchedRules(scalable(state.measureRows), noneAsUndefined(recipeRules(state.rules)));

const noneAsUndefined = memoLast((rules: ReturnType<typeof usableRules>) => (rules.length === 0 ? undefined : rules));

/** λ of every measured tensor for the shown vector. */
export const scalesOf = (state: StudioState): Float64Array =>
  scales(scalable(state.measureRows), ruleMatchesOf(state), scaleRecipeOf(state), layerCountOf(state));
const scales = memoLast(scalesOfTensors);

/** Statistics with λ, by row: all numbers of the window come from these, at once. */
export const scaledTensorsOf = (state: StudioState): readonly (ScaledTensor | null)[] =>
  joined(state.statistics, scalesOf(state));

const joined = memoLast((statistics: StudioState["statistics"], ofShown: Float64Array) =>
  joinScales(statistics, [ofShown]),
);

/** Statistics without λ: for metrics that do not follow it, and stay as they are while it moves. */
export const unscaledTensorsOf = ({ statistics }: Pick<StudioState, "statistics">) => unscaled(statistics);
const unscaled = memoLast((statistics: StudioState["statistics"]) => joinScales(statistics, []));

/** The tensors to compute a metric from. */
export const tensorsForMetric = (state: StudioState, metric: MetricKey): readonly (ScaledTensor | null)[] =>
  metricKinds[metric].followsScale ? scaledTensorsOf(state) : unscaledTensorsOf(state);

/** The largest |λ| in effect. */
export const largestScaleOf = (state: StudioState): number => largest(scalesOf(state));
const largest = memoLast((of: Float64Array) => of.reduce((most, scale) => Math.max(most, Math.abs(scale)), 0));

/** The whole model so far. */
export const overallOf = (state: StudioState): Metrics | null => overall(scaledTensorsOf(state));
const overall = memoLast((tensors: readonly (ScaledTensor | null)[]) => metricsOfKnown(tensors, shownVector));

export function hasTarget({ measureRequest }: { readonly measureRequest: MeasureRequest | null }): boolean {
  return measureRequest !== null && measureRequest.target !== null;
}

/** The metric that is shown: the chosen one, or the relative norm where a target is needed and missing. */
export function shownMetric(state: Pick<StudioState, "metric" | "measureRequest">): MetricKey {
  return metricKinds[state.metric].needsTarget && !hasTarget(state) ? "relative" : state.metric;
}
