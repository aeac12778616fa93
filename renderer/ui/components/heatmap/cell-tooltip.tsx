import type { MetricKey } from "../../../../src-core/statistics/metric.ts";
import type { Rect } from "../../figures/heatmap-geometry.ts";
import { metricTexts } from "../../format/metric-text.ts";
import { scaledTensorsOf } from "../../store/measured.ts";
import { useStudio, useStudioStore } from "../../store/use-studio.tsx";
import { cellFacts, placeText, valueText } from "./cell-text.ts";
import type { GridCell } from "./grid-cursor.ts";

interface CellTooltipProps {
  readonly cell: GridCell;
  readonly metric: MetricKey;
  readonly rect: Rect;
  /** What the tooltip stays left of, and above. */
  readonly width: number;
  readonly bottom: number;
}

/** As the stylesheet has them. */
const tooltipWidth = 186;
const lineHeight = 18.4;
const tooltipPadding = 20;
const distance = 8;

/** The numbers of the cell under the pointer or the keyboard's cursor. The grid itself says them to screen readers. */
export function CellTooltip({ cell, metric, rect, width, bottom }: CellTooltipProps) {
  const store = useStudioStore();
  // Renders again when λ or what is measured changes.
  useStudio(scaledTensorsOf);
  const facts = cellFacts(store.getState(), metric, cell);
  const isLeft = rect.x + rect.width + distance + tooltipWidth > width;
  const x = isLeft ? rect.x - distance - tooltipWidth : rect.x + rect.width + distance;
  const height = tooltipPadding + lineHeight * (2 + facts.length);
  const y = Math.max(Math.min(rect.y, bottom - height), 0);
  return (
    <div
      className="cell-tooltip"
      aria-hidden="true"
      style={{ transform: `translate(${Math.round(x)}px, ${Math.round(y)}px)` }}
    >
      <p className="cell-tooltip-place">{placeText(cell)}</p>
      <p className="cell-tooltip-value">
        <span>{metricTexts[metric].formula}</span>
        <span>{valueText(metric, cell.cell)}</span>
      </p>
      {facts.map(({ name, value }) => (
        <p key={name} className="cell-tooltip-fact">
          <span>{name}</span>
          <span>{value}</span>
        </p>
      ))}
    </div>
  );
}
