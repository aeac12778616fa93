import type { Metrics } from "./metrics.ts";

/** What the heatmap, the profile and the figures can show. */
export const metricKeys = [
  "relative",
  "cosine",
  "mergedShiftRelative",
  "vector",
  "relativeToTarget",
  "maximum",
  "zeroFraction",
] as const satisfies readonly (keyof Metrics)[];
export type MetricKey = (typeof metricKeys)[number];

export interface MetricKind {
  /** `diverging`: from −1 to 1 about 0; `sequential`: from 0 up. */
  readonly range: "sequential" | "diverging";
  readonly unit: "fraction" | "cosine" | "plain";
  readonly needsTarget: boolean;
  /** Another λ gives another value. */
  readonly followsScale: boolean;
}

export const metricKinds: Readonly<Record<MetricKey, MetricKind>> = {
  relative: { range: "sequential", unit: "fraction", needsTarget: false, followsScale: false },
  cosine: { range: "diverging", unit: "cosine", needsTarget: true, followsScale: false },
  mergedShiftRelative: { range: "sequential", unit: "fraction", needsTarget: true, followsScale: true },
  vector: { range: "sequential", unit: "plain", needsTarget: false, followsScale: false },
  relativeToTarget: { range: "sequential", unit: "fraction", needsTarget: true, followsScale: false },
  maximum: { range: "sequential", unit: "plain", needsTarget: false, followsScale: false },
  zeroFraction: { range: "sequential", unit: "fraction", needsTarget: false, followsScale: false },
};
