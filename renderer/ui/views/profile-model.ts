import { valueOfCell } from "../../../src-core/statistics/cell-values.ts";
import type { HeatmapLayout } from "../../../src-core/statistics/heatmap-layout.ts";
import { type MetricKey, metricKinds } from "../../../src-core/statistics/metric.ts";
import type { ScaledTensor } from "../../../src-core/statistics/metrics.ts";
import type { ModuleGroup } from "../../../src-core/statistics/module-table.ts";
import { layoutOf, shownMetric, shownVectorOf, tensorsForMetric } from "../store/measured.ts";
import { memoLast } from "../store/memo.ts";
import type { StudioState } from "../store/studio-state.ts";
import { scaleEnd } from "./heatmap-model.ts";

/** The chosen metric over the depth, a line for each family of modules. */
export interface ProfileModel {
  readonly metric: MetricKey;
  readonly evenAboutZero: boolean;
  /** The axis reaches at least here, so that it stands still while λ moves; 0 where it follows the values. */
  readonly reach: number;
  readonly lines: readonly ProfileLine[];
}

export interface ProfileLine {
  readonly group: ModuleGroup;
  /** By layer, all of the family's tensors there taken together; null while one is not measured, or without a value. */
  readonly values: readonly (number | null)[];
}

export const profileModelOf = (state: StudioState): ProfileModel => {
  const metric = shownMetric(state);
  return profile(layoutOf(state), tensorsForMetric(state, metric), metric, scaleEnd(state) ?? 0, shownVectorOf(state));
};

const profile = memoLast(
  (
    { families }: HeatmapLayout,
    tensors: readonly (ScaledTensor | null)[],
    metric: MetricKey,
    reach: number,
    vector: number,
  ): ProfileModel => ({
    metric,
    evenAboutZero: metricKinds[metric].range === "diverging",
    reach,
    lines: families
      .filter(({ group }) => group !== "other")
      .map(({ group, cells }) => ({
        group,
        values: cells.map((cell) => {
          const value = valueOfCell(cell, tensors, metric, vector);
          return typeof value === "number" ? value : null;
        }),
      })),
  }),
);
