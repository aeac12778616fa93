import type { ColourDomain } from "../../../src-core/statistics/colour-domain.ts";
import type { MetricKey } from "../../../src-core/statistics/metric.ts";
import { formatTick } from "../format/metric-text.ts";

/** What the ends of the colours mean; "≥" where cells lie beyond. */
export function legendEnds(metric: MetricKey, domain: ColourDomain): { readonly least: string; readonly most: string } {
  return {
    least: `${domain.clipsLeast ? "≤ " : ""}${formatTick(metric, domain.least, 2)}`,
    most: `${domain.clipsMost ? "≥ " : ""}${formatTick(metric, domain.most, 2)}`,
  };
}
