import { domainPosition } from "../../../../src-core/statistics/colour-domain.ts";
import { type ColourRange, colourTable, type Theme } from "../../figures/colour-scales.ts";
import { cellRect, type HeatmapGeometry, type Rect } from "../../figures/heatmap-geometry.ts";
import type { HeatmapModel, ModelCell } from "../../views/heatmap-model.ts";

interface Palette {
  /** Not measured yet. */
  readonly pending: string;
  /** Measured, but without a value. */
  readonly none: string;
  readonly hatch: string;
  readonly mark: string;
  readonly markEdge: string;
}

/** Apart from the scale’s colours: see colour-scales.ts. */
export const heatmapPalettes: Readonly<Record<Theme, Palette>> = {
  dark: { pending: "#16191c", none: "#16191c", hatch: "#3a4047", mark: "#ff9d92", markEdge: "#111315" },
  light: { pending: "#eeeeeb", none: "#eeeeeb", hatch: "#c6c8c3", mark: "#c2272b", markEdge: "#ffffff" },
};

/** Cells smaller than this have square corners: a rounded one would be a blur. */
const roundedFrom = 8;

const tables = new Map<string, readonly string[]>();

function tableOf(range: ColourRange, theme: Theme): readonly string[] {
  const key = `${range} ${theme}`;
  const table = tables.get(key) ?? colourTable(range, theme);
  tables.set(key, table);
  return table;
}

/** Paints all cells. The canvas is `pixelRatio` times as large as the geometry; edges fall on whole device pixels. */
export function paintHeatmap(
  context: CanvasRenderingContext2D,
  model: HeatmapModel,
  geometry: HeatmapGeometry,
  theme: Theme,
  pixelRatio: number,
): void {
  const { domain, rows, before, after } = model;
  const colours = tableOf(domain?.kind === "diverging" ? "diverging" : "sequential", theme);
  const palette = heatmapPalettes[theme];
  // The end of a cell and the start of the next are the same number but for a rounding error, which must not part them.
  const snap = (position: number) => Math.round(position * pixelRatio + 1e-6);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);

  const paint = ({ value, nonFinite }: ModelCell, rect: Rect) => {
    const left = snap(rect.x);
    const top = snap(rect.y);
    const width = Math.max(snap(rect.x + rect.width) - left, 1);
    const height = Math.max(snap(rect.y + rect.height) - top, 1);
    const isNumber = typeof value === "number" && domain !== null;
    context.fillStyle = isNumber
      ? (colours[Math.round(domainPosition(domain, value) * 255)] ?? palette.none)
      : value === "pending"
        ? palette.pending
        : palette.none;
    if (Math.min(width, height) >= roundedFrom * pixelRatio) {
      context.beginPath();
      context.roundRect(left, top, width, height, 2 * pixelRatio);
      context.fill();
    } else {
      context.fillRect(left, top, width, height);
    }
    if (!isNumber && value !== "pending") hatch(context, left, top, width, height, palette.hatch, pixelRatio);
    if (nonFinite) mark(context, left + width / 2, top + height / 2, Math.min(width, height), palette, pixelRatio);
  };

  const bars = geometry.axis.before.length;
  rows.forEach(({ cells }, row) => {
    cells.forEach((cell, layer) => {
      if (cell !== null) paint(cell, cellRect(geometry, row, bars + layer));
    });
  });
  before.forEach(({ cell }, bar) => {
    paint(cell, cellRect(geometry, 0, bar));
  });
  after.forEach(({ cell }, bar) => {
    paint(cell, cellRect(geometry, 0, bars + geometry.axis.layerCount + bar));
  });
}

/** Diagonals: there is nothing to show, as opposed to nothing yet. */
function hatch(
  context: CanvasRenderingContext2D,
  left: number,
  top: number,
  width: number,
  height: number,
  colour: string,
  pixelRatio: number,
): void {
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  context.beginPath();
  const step = 5 * pixelRatio;
  for (let from = -height; from < width; from += step) {
    context.moveTo(left + from, top + height);
    context.lineTo(left + from + height, top);
  }
  context.lineWidth = pixelRatio;
  context.strokeStyle = colour;
  context.stroke();
  context.restore();
}

/** A dot that stands out on every colour. */
function mark(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  size: number,
  palette: Palette,
  pixelRatio: number,
): void {
  context.beginPath();
  context.arc(x, y, Math.min(Math.max(size * 0.25, 1.5 * pixelRatio), 4 * pixelRatio), 0, 2 * Math.PI);
  context.fillStyle = palette.mark;
  context.fill();
  context.lineWidth = pixelRatio;
  context.strokeStyle = palette.markEdge;
  context.stroke();
}
