import type { MeasureRow } from "../../../../electron/api/measuring.ts";
import { metricsOfCell } from "../../../../src-core/statistics/cell-values.ts";
import type { MetricKey } from "../../../../src-core/statistics/metric.ts";
import { formatCount } from "../../format/format.ts";
import { formatMetric, metricTexts } from "../../format/metric-text.ts";
import { hasTarget, scaledTensorsOf, scalesOf, shownVectorOf } from "../../store/measured.ts";
import type { StudioState } from "../../store/studio-state.ts";
import type { ModelCell } from "../../views/heatmap-model.ts";
import { scaleText } from "../../views/tensor-facts.ts";
import type { GridCell } from "./grid-cursor.ts";

/** "down_proj, layer 17", "embed". */
export function placeText({ label, layer, expertCount }: Pick<GridCell, "label" | "layer" | "expertCount">): string {
  const experts = expertCount > 0 ? `, ${formatCount(expertCount)} experts` : "";
  return layer === null ? label : `${label}${experts}, layer ${layer}`;
}

/** "3.87 %", or why there is no number. */
export function valueText(metric: MetricKey, { value, nonFinite }: ModelCell): string {
  const text = value === "pending" ? "not measured yet" : value === null ? "no value" : formatMetric(metric, value);
  return nonFinite ? `${text}, has NaN or infinity` : text;
}

/** What a screen reader says of a cell. */
export function spokenCell(metric: MetricKey, cell: GridCell): string {
  return `${placeText(cell)}: ${metricTexts[metric].name.toLowerCase()} ${valueText(metric, cell.cell)}`;
}

export interface CellFact {
  readonly name: string;
  readonly value: string;
}

const alsoShown: readonly MetricKey[] = ["relative", "cosine", "mergedShiftRelative"];

/** The other numbers of a cell, and its λ. */
export function cellFacts(state: StudioState, metric: MetricKey, { tensors }: GridCell): readonly CellFact[] {
  const metrics = metricsOfCell(tensors, scaledTensorsOf(state), shownVectorOf(state));
  if (metrics === null) return [];
  const others = alsoShown.filter((key) => key !== metric && metrics[key] !== null);
  return [
    ...others.map((key) => ({ name: metricTexts[key].formula, value: formatMetric(key, metrics[key]) })),
    ...(hasTarget(state) ? [{ name: "λ", value: scaleText(tensors, scalesOf(state)) }] : []),
  ];
}

export function namesOf(rows: readonly MeasureRow[], tensors: readonly number[]): readonly string[] {
  return tensors.flatMap((tensor) => rows[tensor]?.name ?? []);
}
