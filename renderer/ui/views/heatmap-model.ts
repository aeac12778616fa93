import { type CellValue, type KnownStatistics, valueOfCell } from "../../../src-core/statistics/cell-values.ts";
import { type ColourDomain, colourDomain } from "../../../src-core/statistics/colour-domain.ts";
import {
  type CellTensors,
  type HeatmapBar,
  type HeatmapLayout,
  type HeatmapRow,
  type VisibleRow,
  visibleRows,
} from "../../../src-core/statistics/heatmap-layout.ts";
import { type MetricKey, metricKinds } from "../../../src-core/statistics/metric.ts";
import type { ScaledTensor } from "../../../src-core/statistics/metrics.ts";
import {
  largestScalesOf,
  layoutOf,
  shownMetric,
  shownVectorOf,
  tensorsForMetric,
  unscaledTensorsOf,
} from "../store/measured.ts";
import { memoLast } from "../store/memo.ts";
import type { StudioState } from "../store/studio-state.ts";

/** All that is drawn of the heatmap. */
export interface HeatmapModel {
  readonly metric: MetricKey;
  readonly domain: ColourDomain | null;
  readonly rows: readonly HeatmapModelRow[];
  readonly before: readonly HeatmapModelBar[];
  readonly after: readonly HeatmapModelBar[];
  /** Some tensor has NaN or an infinity. */
  readonly hasNonFinite: boolean;
}

export interface HeatmapModelRow {
  readonly row: HeatmapRow;
  readonly depth: 0 | 1;
  /** By layer; null where a layer lacks the module. */
  readonly cells: readonly (ModelCell | null)[];
}

export interface HeatmapModelBar {
  readonly bar: HeatmapBar;
  readonly cell: ModelCell;
}

export interface ModelCell {
  readonly value: CellValue;
  readonly nonFinite: boolean;
}

export const visibleRowsOf = (state: Pick<StudioState, "measureRows" | "openRows">): readonly VisibleRow[] =>
  visible(layoutOf(state), state.openRows);
const visible = memoLast(visibleRows);

/** The heatmap at the present λ. A metric that does not follow λ is not computed again when it moves. */
export const heatmapModelOf = (state: StudioState): HeatmapModel => {
  const metric = shownMetric(state);
  const tensors = tensorsForMetric(state, metric);
  return model(
    layoutOf(state),
    visibleRowsOf(state),
    state.statistics,
    tensors,
    metric,
    state.logScale,
    scaleEnd(state),
    shownVectorOf(state),
  );
};

const model = memoLast(
  (
    layout: HeatmapLayout,
    rowsShown: readonly VisibleRow[],
    statistics: KnownStatistics,
    tensors: readonly (ScaledTensor | null)[],
    metric: MetricKey,
    logScale: boolean,
    upTo: number | null,
    vector: number,
  ): HeatmapModel => {
    const cellOf = (cell: CellTensors): ModelCell => ({
      value: valueOfCell(cell, tensors, metric, vector),
      nonFinite: cell.some((index) => (statistics[index]?.nonFiniteCount ?? 0) > 0),
    });
    const rows = rowsShown.map(({ row, depth }) => ({
      row,
      depth,
      cells: row.cells.map((cell) => (cell.length === 0 ? null : cellOf(cell))),
    }));
    const barOf = (bar: HeatmapBar) => ({ bar, cell: cellOf(bar.tensors) });
    const before = layout.before.map(barOf);
    const after = layout.after.map(barOf);
    const bars = [...before, ...after].map(({ cell }) => cell);
    const cells = [...rows.flatMap((row) => row.cells), ...bars].filter((cell) => cell !== null);
    const kind = metricKinds[metric].range === "diverging" ? "diverging" : logScale ? "log" : "linear";
    return {
      metric,
      domain: colourDomain(numbersOf(cells.map(({ value }) => value)), { kind, ...(upTo === null ? {} : { upTo }) }),
      rows,
      before,
      after,
      hasNonFinite: cells.some(({ nonFinite }) => nonFinite),
    };
  },
);

/**
 * Where the scale of the merged shift ends: at the whole vectors' (λ = 1), so that moving λ changes the picture and not its
 * scale; only beyond λ = 1 it grows with it. Null for metrics whose scale follows their values.
 */
export function scaleEnd(state: StudioState): number | null {
  if (!metricKinds[shownMetric(state)].followsScale) return null;
  const wholes = wholeShifts(layoutOf(state), unscaledTensorsOf(state), largestScalesOf(state).length);
  if (wholes === null) return null;
  return largestScalesOf(state).reduce((sum, scale, vector) => sum + (wholes[vector] ?? 0) * Math.max(1, scale), 0);
}

/** Of each vector at λ = 1; null before anything is measured. */
const wholeShifts = memoLast(
  (
    { rows, before, after }: HeatmapLayout,
    tensors: readonly (ScaledTensor | null)[],
    vectorCount: number,
  ): readonly number[] | null => {
    const cells = [...rows.flatMap((row) => row.cells), ...[...before, ...after].map((bar) => bar.tensors)];
    const wholes = Array.from({ length: vectorCount }, (_, vector) => {
      const values = cells.map((cell) => valueOfCell(cell, tensors, "relativeToTarget", vector));
      return colourDomain(numbersOf(values), { kind: "linear" })?.most ?? null;
    });
    return wholes.every((whole) => whole === null) ? null : wholes.map((whole) => whole ?? 0);
  },
);

function numbersOf(values: readonly CellValue[]): readonly number[] {
  return values.filter((value) => typeof value === "number");
}
