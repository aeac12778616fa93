import type { CellTensors } from "./heatmap-layout.ts";
import type { MetricKey } from "./metric.ts";
import { type Metrics, metricsOf, type ScaledTensor } from "./metrics.ts";
import type { TensorStatistics } from "./tensor-statistics.ts";

/** What a cell shows: a number; null where the metric has none (the vector does not reach it, ‖base‖ is 0); else not measured yet. */
export type CellValue = number | null | "pending";

/** Statistics by tensor, null while not measured. */
export type KnownStatistics = readonly (TensorStatistics | null)[];

/** Statistics joined with each tensor's λ for each vector; null while not measured. */
export function joinScales(
  statistics: KnownStatistics,
  scalesOfVectors: readonly Float64Array[],
): readonly (ScaledTensor | null)[] {
  return statistics.map((ofTensor, index) =>
    ofTensor === null ? null : { statistics: ofTensor, scales: scalesOfVectors.map((scales) => scales[index] ?? 0) },
  );
}

/** The metrics of some tensors together; null while one of them is not measured, or where there are none. */
export function metricsOfCell(
  cell: CellTensors,
  tensors: readonly (ScaledTensor | null)[],
  vector: number,
): Metrics | null {
  const known: ScaledTensor[] = [];
  for (const index of cell) {
    const tensor = tensors[index] ?? null;
    if (tensor === null) return null;
    known.push(tensor);
  }
  return known.length === 0 ? null : metricsOf(known, vector);
}

export function valueOfCell(
  cell: CellTensors,
  tensors: readonly (ScaledTensor | null)[],
  metric: MetricKey,
  vector: number,
): CellValue {
  const metrics = metricsOfCell(cell, tensors, vector);
  return metrics === null ? "pending" : metrics[metric];
}

/** The metrics of all that is measured so far; null before anything is. */
export function metricsOfKnown(tensors: readonly (ScaledTensor | null)[], vector: number): Metrics | null {
  const known = tensors.filter((tensor) => tensor !== null);
  return known.length === 0 ? null : metricsOf(known, vector);
}
