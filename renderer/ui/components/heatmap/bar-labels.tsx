import { domainPosition } from "../../../../src-core/statistics/colour-domain.ts";
import { inkOn, rgbAt, type Theme } from "../../figures/colour-scales.ts";
import { cellRect, type HeatmapGeometry } from "../../figures/heatmap-geometry.ts";
import type { HeatmapModel, HeatmapModelBar } from "../../views/heatmap-model.ts";
import { useTheme } from "../use-theme.ts";

interface BarLabelsProps {
  readonly model: HeatmapModel;
  readonly geometry: HeatmapGeometry;
}

/** The names of the bars beside the layers, written upwards on them. */
export function BarLabels({ model, geometry }: BarLabelsProps) {
  const theme = useTheme();
  const afterColumn = geometry.axis.before.length + geometry.axis.layerCount;
  const bars = [
    ...model.before.map((bar, index) => ({ bar, column: index })),
    ...model.after.map((bar, index) => ({ bar, column: afterColumn + index })),
  ];
  return bars.map(({ bar, column }) => {
    const { x, y, width, height } = cellRect(geometry, 0, column);
    return (
      <span
        key={bar.bar.key}
        className="heatmap-bar-label"
        aria-hidden="true"
        style={{ transform: `translate(${x}px, ${y}px)`, width, height, color: inkOf(bar, model, theme) }}
      >
        <span>{bar.bar.label}</span>
      </span>
    );
  });
}

/** Black or white on a coloured bar; the text's own colour on one without a value. */
function inkOf({ cell }: HeatmapModelBar, { domain }: HeatmapModel, theme: Theme): string {
  if (typeof cell.value !== "number" || domain === null) return "";
  const range = domain.kind === "diverging" ? "diverging" : "sequential";
  return inkOn(rgbAt(range, theme, domainPosition(domain, cell.value)));
}
