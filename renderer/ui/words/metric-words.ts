import type { MetricKey } from "../../../src-core/statistics/metric.ts";
import type { WordId } from "./glossary.ts";

/** The word that explains each metric. */
export const metricWords = {
  relative: "relative-norm",
  cosine: "cosine",
  mergedShiftRelative: "merged-shift",
  vector: "norm",
  relativeToTarget: "relative-to-target",
  maximum: "largest-change",
  zeroFraction: "unchanged",
} as const satisfies Readonly<Record<MetricKey, WordId>>;
