import type { ColourDomain } from "../../../src-core/statistics/colour-domain.ts";
import type { MetricKey } from "../../../src-core/statistics/metric.ts";
import { metricTexts } from "../format/metric-text.ts";
import { colourStops } from "./colour-scales.ts";
import { paper } from "./figure-page.ts";
import { legendEnds } from "./legend-ends.ts";
import { element, group, textElement } from "./svg.ts";

const barWidth = 140;
const endRoom = 48;

/** The colours, their ends, and what they mean; its right edge at `right`, 14 pixels high. */
export function legendSvg(metric: MetricKey, domain: ColourDomain, right: number, id: string): string {
  const stops = colourStops[domain.kind === "diverging" ? "diverging" : "sequential"].light;
  const { least, most } = legendEnds(metric, domain);
  const left = right - endRoom - barWidth;
  return group({}, [
    element(
      "linearGradient",
      { id },
      stops
        .map((colour, index) =>
          element("stop", { offset: `${(index / (stops.length - 1)) * 100}%`, "stop-color": colour }),
        )
        .join(""),
    ),
    textElement(`${metricTexts[metric].formula}${domain.kind === "log" ? ", log" : ""}`, {
      x: left - endRoom - 12,
      y: 10,
      "text-anchor": "end",
      fill: paper.text,
    }),
    textElement(least, { x: left - 8, y: 10, "text-anchor": "end" }),
    element("rect", { x: left, y: 1, width: barWidth, height: 10, rx: 2, fill: `url(#${id})` }),
    textElement(most, { x: left + barWidth + 8, y: 10 }),
  ]);
}
