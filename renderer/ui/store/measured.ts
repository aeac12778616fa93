import type { MeasureRequest, MeasureRow } from "../../../electron/api/measuring.ts";
import type { PlanSummary } from "../../../electron/api/plan.ts";
import { normalizeTensorName } from "../../../src-core/plan/tensor-names.ts";
import type { RecipeRule } from "../../../src-core/recipe/recipe.ts";
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
import type { EditedVector } from "./edited-vector.ts";
import { writtenCurve } from "./layer-curve.ts";
import { memoLast } from "./memo.ts";
import { usableRules } from "./scale-rule.ts";
import type { StudioState } from "./studio-state.ts";
import { completeVectorsOf, selectedVectorOf } from "./vectors.ts";

/**
 * The vector whose τ and σ are shown, by its place among those that are measured: the selected one, or the first while the
 * selected one still lacks a model.
 */
export const shownVectorOf = (state: Pick<StudioState, "vectors" | "selectedVector">): number =>
  Math.max(
    0,
    completeVectorsOf(state).findIndex(({ id }) => id === state.selectedVector),
  );

/** Layers by the tensors' names, as the plan counts them: what the curve is stretched over. 0 before anything is known. */
export const layerCountOf = (state: Pick<StudioState, "plan" | "measureRows" | "target">): number =>
  countLayers(state.plan, state.measureRows) || (state.target.model?.layerCount ?? 0);

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

/** λ, curve and rules in effect of a vector: what the recipe gets, and what is drawn. */
export const scaleRecipeOf = (state: StudioState, vector = selectedVectorOf(state)): ScaleRecipe =>
  derivationsOf(vector).recipe(
    vector.scale,
    vector.outside,
    derivationsOf(vector).sampled(vector.curve, layerCountOf(state)),
    derivationsOf(vector).rules(vector.rules, layerCountOf(state)),
  );

function scaleRecipe(
  scale: number,
  outside: number | null,
  curve: readonly number[] | null,
  rules: readonly RecipeRule[],
): ScaleRecipe {
  return {
    scale,
    ...(curve === null ? {} : { curve: [...curve] }),
    ...(outside === null ? {} : { outside }),
    ...(rules.length === 0 ? {} : { rules: [...rules] }),
  };
}

const noMatches: readonly RecipeRule[] = [];

/** What is derived of one vector's λ, each kept while what it comes from stands. */
function newDerivations() {
  return {
    sampled: memoLast(writtenCurve),
    rules: memoLast(usableRules),
    recipe: memoLast(scaleRecipe),
    matches: memoLast((tensors: readonly ScalableTensor[], rules: readonly RecipeRule[]) => matchRules(tensors, rules)),
    scales: memoLast(scalesOfTensors),
  };
}

const derivations = new Map<string, ReturnType<typeof newDerivations>>();

function derivationsOf({ id }: EditedVector): ReturnType<typeof newDerivations> {
  const found = derivations.get(id) ?? newDerivations();
  derivations.set(id, found);
  return found;
}

const scalable = memoLast((rows: readonly MeasureRow[]): readonly ScalableTensor[] =>
  rows.map(({ name, layer }) => ({ names: [name, normalizeTensorName(name)], layer })),
);

/** Which rule of a vector each measured tensor follows, by index into the usable rules; −1 for none. */
export const ruleMatchesOf = (state: StudioState, vector = selectedVectorOf(state)): Int32Array => {
  const rules = derivationsOf(vector).rules(vector.rules, layerCountOf(state));
  return derivationsOf(vector).matches(scalable(state.measureRows), rules.length === 0 ? noMatches : rules);
};

/** λ of every measured tensor, for the shown vector unless told another. */
export const scalesOf = (state: StudioState, vector: EditedVector = shownOrSelected(state)): Float64Array =>
  derivationsOf(vector).scales(
    scalable(state.measureRows),
    ruleMatchesOf(state, vector),
    scaleRecipeOf(state, vector),
    layerCountOf(state),
  );

/** The vector whose τ is shown; the selected one while none is measured. */
const shownOrSelected = (state: StudioState): EditedVector =>
  completeVectorsOf(state)[shownVectorOf(state)] ?? selectedVectorOf(state);

/** Statistics with each vector's λ, by row: all numbers of the window come from these, at once. */
export const scaledTensorsOf = (state: StudioState): readonly (ScaledTensor | null)[] =>
  joined(state.statistics, ...completeVectorsOf(state).map((vector) => scalesOf(state, vector)));

const joined = memoLast((statistics: StudioState["statistics"], ...scales: readonly Float64Array[]) =>
  joinScales(statistics, scales),
);

/** Statistics without λ: for metrics that do not follow it, and stay as they are while it moves. */
export const unscaledTensorsOf = ({ statistics }: Pick<StudioState, "statistics">) => unscaled(statistics);
const unscaled = memoLast((statistics: StudioState["statistics"]) => joinScales(statistics, []));

/** The tensors to compute a metric from. */
export const tensorsForMetric = (state: StudioState, metric: MetricKey): readonly (ScaledTensor | null)[] =>
  metricKinds[metric].followsScale ? scaledTensorsOf(state) : unscaledTensorsOf(state);

/** The largest |λ| in effect of each vector that is measured. */
export const largestScalesOf = (state: StudioState): readonly number[] =>
  largest(...completeVectorsOf(state).map((vector) => scalesOf(state, vector)));
const largest = memoLast((...vectors: readonly Float64Array[]) =>
  vectors.map((scales) => scales.reduce((most, scale) => Math.max(most, Math.abs(scale)), 0)),
);

/** The whole model so far. */
export const overallOf = (state: StudioState): Metrics | null => overall(scaledTensorsOf(state), shownVectorOf(state));
const overall = memoLast(metricsOfKnown);

export function hasTarget({ measureRequest }: { readonly measureRequest: MeasureRequest | null }): boolean {
  return measureRequest !== null && measureRequest.target !== null;
}

/** The metric that is shown: the chosen one, or the relative norm where a target is needed and missing. */
export function shownMetric(state: Pick<StudioState, "metric" | "measureRequest">): MetricKey {
  return metricKinds[state.metric].needsTarget && !hasTarget(state) ? "relative" : state.metric;
}
