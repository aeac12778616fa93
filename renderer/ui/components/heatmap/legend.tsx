import type { ColourDomain } from "../../../../src-core/statistics/colour-domain.ts";
import type { MetricKey } from "../../../../src-core/statistics/metric.ts";
import { colourStops } from "../../figures/colour-scales.ts";
import { legendEnds } from "../../figures/legend-ends.ts";
import { useTheme } from "../use-theme.ts";

interface LegendProps {
  readonly metric: MetricKey;
  readonly domain: ColourDomain | null;
}

/** The colours and what their ends mean; "≥" where cells lie beyond an end. */
export function Legend({ metric, domain }: LegendProps) {
  const theme = useTheme();
  if (domain === null) return null;
  const range = domain.kind === "diverging" ? "diverging" : "sequential";
  const { least, most } = legendEnds(metric, domain);
  return (
    <div
      className="legend"
      role="img"
      aria-label={`Colours from ${least} to ${most}${domain.kind === "log" ? ", logarithmic" : ""}`}
    >
      <span>{least}</span>
      <span
        className="legend-colours"
        style={{ backgroundImage: `linear-gradient(to right, ${colourStops[range][theme].join(", ")})` }}
      />
      <span>{most}</span>
    </div>
  );
}
