import { domainPosition } from "../../../src-core/statistics/colour-domain.ts";
import { formatTick } from "../format/metric-text.ts";
import type { CompareModel } from "../views/compare-model.ts";
import { spreadLabels } from "./chart.ts";
import { colourAt } from "./colour-scales.ts";
import { figureMargin, figureWidth, paper } from "./figure-page.ts";
import { legendSvg } from "./legend-svg.ts";
import { axisPlace, type ScatterGeometry, scatterGeometry } from "./scatter-geometry.ts";
import { element, group, textElement } from "./svg.ts";

const left = 48;
const legendHeight = 54;
const plotHeight = 420;
const axisHeight = 44;
const labelDistance = 12;

/** σ against τ, as it stands in the window; the parts that are named in words carry their names. */
export function compareFigure(
  model: CompareModel,
  log: boolean,
): { readonly svg: readonly string[]; readonly height: number } {
  const width = figureWidth - 2 * figureMargin;
  const geometry = scatterGeometry(model, width - left - 12, plotHeight, log);
  return {
    height: legendHeight + plotHeight + axisHeight,
    svg: [
      model.domain === null ? "" : legendSvg("cosine", model.domain, width, "compare-colours"),
      group({ transform: `translate(${left} ${legendHeight})` }, [...axes(geometry), ...points(model, geometry)]),
    ],
  };
}

function axes({ width, height, x, y }: ScatterGeometry): readonly string[] {
  return [
    ...y.ticks.flatMap((tick) => {
      const at = height - axisPlace(y, tick) * height;
      return [
        element("line", { x1: 0, x2: width, y1: at, y2: at, stroke: paper.line }),
        textElement(formatTick("relative", tick), { x: -8, y: at + 4, "text-anchor": "end" }),
      ];
    }),
    ...x.ticks.flatMap((tick) => {
      const at = axisPlace(x, tick) * width;
      return [
        element("line", { x1: at, x2: at, y1: 0, y2: height, stroke: paper.line }),
        textElement(formatTick("relative", tick), { x: at, y: height + 16, "text-anchor": "middle" }),
      ];
    }),
    textElement("target shift, ‖σ‖ / ‖base‖", { x: width, y: height + 36, "text-anchor": "end", fill: paper.text }),
    textElement("chat vector, ‖τ‖ / ‖base‖", {
      x: -left,
      y: -14,
      fill: paper.text,
    }),
  ];
}

function points(model: CompareModel, geometry: ScatterGeometry): readonly string[] {
  const { parts, domain, pulls } = model;
  const pulling = new Set([...pulls.together, ...pulls.against].map(({ key }) => key));
  const order = parts.map((part, index) => ({ part, point: geometry.points[index] }));
  order.sort((a, b) => b.part.elementCount - a.part.elementCount);
  const circles = order.map(({ part, point }) => {
    if (point === undefined) return "";
    const place = domain === null || part.cosine === null ? 0.5 : domainPosition(domain, part.cosine);
    return element("circle", {
      cx: point.x,
      cy: point.y,
      r: point.radius,
      fill: colourAt("diverging", "light", place),
      stroke: "#8b9097",
      "stroke-width": 0.5,
    });
  });
  const named = order.filter(({ part, point }) => point !== undefined && pulling.has(part.key));
  const heights = spreadLabels(
    named.map(({ point }) => point?.y ?? 0),
    labelDistance,
    geometry.height,
  );
  const names = named.map(({ part, point }, index) => {
    if (point === undefined) return "";
    const toLeft = point.x > geometry.width * 0.75;
    return textElement(part.label, {
      x: point.x + (toLeft ? -1 : 1) * (point.radius + 4),
      y: (heights[index] ?? point.y) + 4,
      "text-anchor": toLeft ? "end" : "start",
      fill: paper.text,
      "font-size": 10,
    });
  });
  return [...circles, ...names];
}
