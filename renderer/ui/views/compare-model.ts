import { type ColourDomain, colourDomain } from "../../../src-core/statistics/colour-domain.ts";
import {
  type ComparedPart,
  type Comparison,
  compareParts,
  type PullingParts,
  strongestPulls,
} from "../../../src-core/statistics/comparison.ts";
import type { HeatmapLayout } from "../../../src-core/statistics/heatmap-layout.ts";
import type { Metrics, ScaledTensor } from "../../../src-core/statistics/metrics.ts";
import { formatCosine } from "../format/metric-text.ts";
import { layoutOf, overallOf, shownVectorOf, unscaledTensorsOf } from "../store/measured.ts";
import { memoLast } from "../store/memo.ts";
import type { StudioState } from "../store/studio-state.ts";

/** σ against τ, part by part. None of it follows λ. */
export interface CompareModel {
  readonly comparison: Comparison;
  /** From the one that pulls together most to the one that pulls against most. */
  readonly parts: readonly ComparedPart[];
  /** Of the cosines. */
  readonly domain: ColourDomain | null;
  readonly pulls: PullingParts;
  readonly largestCount: number;
}

/** Named in words on each side. */
const namedCount = 3;

export const compareModelOf = (state: StudioState): CompareModel =>
  compare(layoutOf(state), unscaledTensorsOf(state), state.comparison, shownVectorOf(state));

const compare = memoLast(
  (
    layout: HeatmapLayout,
    tensors: readonly (ScaledTensor | null)[],
    comparison: Comparison,
    vector: number,
  ): CompareModel => {
    const parts = [...compareParts(layout, tensors, comparison, vector)];
    parts.sort((a, b) => (b.cosine ?? -2) - (a.cosine ?? -2));
    const cosines = parts.flatMap(({ cosine }) => cosine ?? []);
    return {
      comparison,
      parts,
      domain: colourDomain(cosines, { kind: "diverging" }),
      pulls: strongestPulls(parts, namedCount),
      largestCount: parts.reduce((most, { elementCount }) => Math.max(most, elementCount), 1),
    };
  },
);

/** Below this, two changes of a model are as good as unrelated; from here on they clearly have to do with each other. */
const unrelated = 0.05;
const clear = 0.3;

/** The whole model's cosine in words; null before anything is measured. */
export const overallWordsOf = (state: StudioState): string | null => overallWords(overallOf(state));

const overallWords = memoLast((overall: Metrics | null): string | null => {
  const cosine = overall?.cosine ?? null;
  if (cosine === null) return null;
  const text = `cos(τ, σ) is ${formatCosine(cosine)} over all tensors`;
  const subject = "Chat tuning and the target’s own training";
  if (Math.abs(cosine) < unrelated) return `${subject} changed the base in nearly unrelated directions: ${text}.`;
  const how = Math.abs(cosine) < clear ? "somewhat " : "";
  return cosine > 0
    ? `${subject} pull the base ${how}the same way: ${text}.`
    : `${subject} pull the base ${how}against each other: ${text}.`;
});
