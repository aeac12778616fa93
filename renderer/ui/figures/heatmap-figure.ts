import { domainPosition } from "../../../src-core/statistics/colour-domain.ts";
import { formatScale } from "../format/format.ts";
import { formatTick } from "../format/metric-text.ts";
import type { HeatmapModel, ModelCell } from "../views/heatmap-model.ts";
import type { ProfileModel } from "../views/profile-model.ts";
import { areaPath, linePath, valueAxis, yOf } from "./chart.ts";
import { colourAt, inkOn, rgbAt } from "./colour-scales.ts";
import { type DepthAxis, depthAxis, layerCentre, layerTicks } from "./depth-axis.ts";
import { figureMargin, figureWidth, paper } from "./figure-page.ts";
import { cellRect, type HeatmapGeometry, heatmapGeometry, type Rect } from "./heatmap-geometry.ts";
import { legendSvg } from "./legend-svg.ts";
import { endLabels, profileAxis } from "./profile-lines.ts";
import { element, group, textElement } from "./svg.ts";

export interface HeatmapFigureInput {
  readonly model: HeatmapModel;
  readonly layerCount: number;
  readonly profile: ProfileModel;
  /** λ of each layer; null where λ says nothing, without a target. */
  readonly scales: readonly number[] | null;
}

const labelWidth = 108;
const endWidth = 64;
const legendHeight = 30;
const ticksHeight = 16;
const profileHeight = 84;
const curveHeight = 60;
/** Rows are lower when there are many, so that the figure fits a page. */
const rowHeightOf = (rowCount: number) => Math.min(22, Math.max(11, Math.floor(420 / Math.max(rowCount, 1))));

/** Heatmap, profile and λ over one depth axis, as they stand in the window. */
export function heatmapFigure({ model, layerCount, profile, scales }: HeatmapFigureInput): {
  readonly svg: readonly string[];
  readonly height: number;
} {
  const axis = depthAxis({
    width: figureWidth - 2 * figureMargin,
    layerCount,
    beforeCount: model.before.length,
    afterCount: model.after.length,
    labelWidth,
    endWidth,
  });
  const groups = model.rows.map(({ row }) => row.group);
  const geometry = heatmapGeometry(axis, groups, rowHeightOf(model.rows.length));
  const heatmapTop = legendHeight + ticksHeight;
  const profileTop = heatmapTop + geometry.height + 28;
  const curveTop = profileTop + profileHeight + 34;
  const height = scales === null ? profileTop + profileHeight : curveTop + curveHeight;
  return {
    height,
    svg: [
      model.domain === null ? "" : legendSvg(model.metric, model.domain, axis.width, "heatmap-colours"),
      at(legendHeight, ticks(axis)),
      at(heatmapTop, heatmap(model, geometry)),
      at(profileTop, profileLines(profile, axis)),
      scales === null ? "" : at(curveTop, curve(scales, axis)),
    ],
  };
}

function at(top: number, content: readonly string[]): string {
  return group({ transform: `translate(0 ${Math.round(top)})` }, content);
}

function ticks(axis: DepthAxis): readonly string[] {
  const layers = layerTicks(axis);
  return layers.map((layer, index) => {
    const isFirst = index === 0;
    const isLast = index === layers.length - 1 && !isFirst;
    const x = isFirst ? axis.start : isLast ? axis.end : layerCentre(axis, layer);
    const anchor = isFirst ? "start" : isLast ? "end" : "middle";
    return textElement(isFirst ? `layer ${layer}` : String(layer), { x, y: 10, "text-anchor": anchor });
  });
}

function heatmap(model: HeatmapModel, geometry: HeatmapGeometry): readonly string[] {
  const bars = model.before.length;
  const after = bars + geometry.axis.layerCount;
  return [
    ...model.rows.map(({ row, depth }, index) => {
      const count = row.expertCount > 0 ? ` ×${row.expertCount}` : "";
      const y = (geometry.rowTops[index] ?? 0) + geometry.rowHeight / 2 + 3.5;
      const fill = depth === 1 ? paper.guide : undefined;
      return textElement(row.label + count, { x: labelWidth - 8, y, "text-anchor": "end", fill });
    }),
    ...model.rows.flatMap(({ cells }, row) =>
      cells.map((cell, layer) => (cell === null ? "" : cellSvg(model, cell, cellRect(geometry, row, bars + layer)))),
    ),
    ...model.before.map(({ bar, cell }, index) => barSvg(model, bar.label, cell, cellRect(geometry, 0, index))),
    ...model.after.map(({ bar, cell }, index) => barSvg(model, bar.label, cell, cellRect(geometry, 0, after + index))),
  ];
}

function cellSvg({ domain }: HeatmapModel, { value, nonFinite }: ModelCell, rect: Rect): string {
  const { x, y, width, height } = rect;
  const isNumber = typeof value === "number" && domain !== null;
  const range = domain?.kind === "diverging" ? "diverging" : "sequential";
  const fill = isNumber ? colourAt(range, "light", domainPosition(domain, value)) : paper.pending;
  const rx = Math.min(width, height) >= 8 ? 1.5 : undefined;
  const mark = nonFinite
    ? element("circle", { cx: x + width / 2, cy: y + height / 2, r: 2.5, fill: paper.mark, stroke: "#ffffff" })
    : "";
  return element("rect", { x, y, width, height, rx, fill }) + mark;
}

function barSvg(model: HeatmapModel, label: string, cell: ModelCell, rect: Rect): string {
  const { domain } = model;
  const range = domain?.kind === "diverging" ? "diverging" : "sequential";
  const ink =
    typeof cell.value === "number" && domain !== null
      ? inkOn(rgbAt(range, "light", domainPosition(domain, cell.value)))
      : paper.dim;
  const x = rect.x + rect.width / 2 + 4;
  const y = rect.y + rect.height / 2;
  return (
    cellSvg(model, cell, rect) +
    textElement(label, { transform: `translate(${x} ${y}) rotate(-90)`, "text-anchor": "middle", fill: ink })
  );
}

function profileLines(model: ProfileModel, axis: DepthAxis): readonly string[] {
  const scale = profileAxis(model, profileHeight);
  const marks = [scale.top, (scale.top + scale.bottom) / 2, scale.bottom];
  return [
    textElement("Profile", { x: labelWidth - 8, y: -10, "text-anchor": "end", fill: paper.text }),
    ...marks.map((value) => rule(axis, yOf(scale, value))),
    ...marks.map((value) =>
      textElement(formatTick(model.metric, value), {
        x: labelWidth - 8,
        y: yOf(scale, value) + 4,
        "text-anchor": "end",
      }),
    ),
    ...model.lines.map((line) =>
      element("path", {
        d: linePath(axis, scale, line.values),
        fill: "none",
        stroke: paper.families[line.group],
        "stroke-width": 1.75,
        "stroke-linejoin": "round",
      }),
    ),
    ...endLabels(model, scale).map((label) =>
      textElement(label.group, { x: axis.end + 8, y: label.y + 4, fill: paper.families[label.group] }),
    ),
  ];
}

function curve(scales: readonly number[], axis: DepthAxis): readonly string[] {
  const scale = valueAxis(scales, curveHeight);
  return [
    textElement("λ by layer", { x: labelWidth - 8, y: -10, "text-anchor": "end", fill: paper.text }),
    ...[scale.top, scale.bottom].map((value) => rule(axis, yOf(scale, value))),
    ...[scale.top, scale.bottom].map((value) =>
      textElement(value === 0 ? "0" : formatScale(value), {
        x: labelWidth - 8,
        y: yOf(scale, value) + 4,
        "text-anchor": "end",
      }),
    ),
    element("path", { d: areaPath(axis, scale, scales), fill: paper.accent, "fill-opacity": 0.12 }),
    element("path", {
      d: linePath(axis, scale, scales),
      fill: "none",
      stroke: paper.accent,
      "stroke-width": 1.75,
      "stroke-linejoin": "round",
    }),
  ];
}

function rule(axis: DepthAxis, y: number): string {
  return element("line", { x1: axis.start, x2: axis.end, y1: y, y2: y, stroke: paper.line });
}
