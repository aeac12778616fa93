import { metricsOfCell } from "../../../src-core/statistics/cell-values.ts";
import { type LogHistogram, populatedHistogram } from "../../../src-core/statistics/log-histogram.ts";
import type { Metrics } from "../../../src-core/statistics/metrics.ts";
import { formatSingleScale } from "../format/format.ts";
import { formatCosine, formatMagnitude, formatShare } from "../format/metric-text.ts";
import { rowIndexOf, scaledTensorsOf, scalesOf, shownVectorOf } from "../store/measured.ts";
import type { StudioState } from "../store/studio-state.ts";
import { completeVectorsOf } from "../store/vectors.ts";

export interface TensorFact {
  readonly name: string;
  /** What the name means, where it is a formula. */
  readonly meaning: string;
  readonly value: string;
}

/** All that is known of some tensors together, as people read it. A number without its models is left out. */
export function tensorFacts(metrics: Metrics, scale: string | null): readonly TensorFact[] {
  const facts: readonly (readonly [
    name: string,
    meaning: string,
    value: number | null,
    text: (value: number) => string,
  ])[] = [
    ["‖τ‖", "norm of chat − base", metrics.vector, formatMagnitude],
    ["‖τ‖ / ‖base‖", "how much the chat tuning changed it", metrics.relative, formatShare],
    ["‖τ‖ / ‖target‖", "the same, against the target", metrics.relativeToTarget, formatShare],
    ["‖σ‖ (target shift)", "norm of target − base", metrics.shift, formatMagnitude],
    ["cos(τ, σ)", "do the two changes point the same way?", metrics.cosine, formatCosine],
    ["max |τ|", "the largest change of one value", metrics.maximum, (value) => formatMagnitude(value, 3)],
    ["mean |τ|", "the mean change of a value", metrics.mean, (value) => formatMagnitude(value, 3)],
    ["unchanged", "values that are equal in chat and base", metrics.zeroFraction, formatShare],
    [
      scale === null ? "merged shift" : `merged shift at λ ${scale}`,
      "‖Σ λτ‖ / ‖target‖",
      metrics.mergedShiftRelative,
      formatShare,
    ],
  ];
  return facts.flatMap(([name, meaning, value, text]) =>
    value === null ? [] : [{ name, meaning, value: text(value) }],
  );
}

export interface MeasuredSelection {
  readonly indices: readonly number[];
  /** Null while not measured. */
  readonly metrics: Metrics | null;
  /** Null among several vectors, which have a λ each. */
  readonly scale: string | null;
}

/** What is measured of these tensors together, at the present λ. */
export function measuredSelection(state: StudioState, names: readonly string[]): MeasuredSelection {
  const rowIndex = rowIndexOf(state);
  const indices = names.flatMap((name) => rowIndex.get(name) ?? []);
  const metrics = metricsOfCell(indices, scaledTensorsOf(state), shownVectorOf(state));
  return {
    indices,
    metrics,
    scale: completeVectorsOf(state).length > 1 ? null : scaleText(indices, scalesOf(state)),
  };
}

/** |τ| of these tensors together, in octaves; null while one of them is not measured. */
export function changesOf(state: StudioState, names: readonly string[]): LogHistogram | null {
  const rowIndex = rowIndexOf(state);
  const histograms: Uint32Array[] = [];
  for (const name of names) {
    const ofTensor = state.statistics[rowIndex.get(name) ?? -1] ?? null;
    if (ofTensor === null) return null;
    const histogram = ofTensor.vectors[shownVectorOf(state)]?.histogram;
    if (histogram !== undefined) histograms.push(histogram);
  }
  return populatedHistogram(histograms);
}

/** The λ that all of them share, in four digits, or that they do not. */
export function scaleText(tensors: readonly number[], scales: Float64Array): string {
  const distinct = new Set(tensors.map((tensor) => scales[tensor] ?? 0));
  const [only, ...others] = distinct;
  return only === undefined || others.length > 0 ? "varies" : formatSingleScale(Number(only.toPrecision(4)));
}
