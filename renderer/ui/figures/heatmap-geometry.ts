import type { DepthAxis } from "./depth-axis.ts";

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where rows and columns lie. Columns are numbered through: bars before the layers, layers, bars after them. */
export interface HeatmapGeometry {
  readonly axis: DepthAxis;
  readonly rowTops: readonly number[];
  readonly rowHeight: number;
  readonly height: number;
  readonly columnCount: number;
  /** Left free between cells, in each direction. */
  readonly gap: number;
}

/** Between groups of rows. */
const groupGap = 6;

export function heatmapGeometry(axis: DepthAxis, groups: readonly string[], rowHeight: number): HeatmapGeometry {
  let top = 0;
  const rowTops = groups.map((group, row) => {
    if (row > 0 && group !== groups[row - 1]) top += groupGap;
    const at = top;
    top += rowHeight;
    return at;
  });
  return {
    axis,
    rowTops,
    rowHeight,
    height: top,
    columnCount: axis.before.length + axis.layerCount + axis.after.length,
    // Less than a whole pixel between narrow cells would come and go with rounding.
    gap: Math.min(axis.layerWidth, rowHeight) >= 7 ? 1 : 0,
  };
}

/** Height of so many rows, to choose a row height by. */
export function heatmapHeight(groups: readonly string[], rowHeight: number): number {
  const changes = groups.filter((group, row) => row > 0 && group !== groups[row - 1]).length;
  return groups.length * rowHeight + changes * groupGap;
}

export type Column =
  | { readonly kind: "layer"; readonly layer: number }
  | { readonly kind: "before" | "after"; readonly bar: number };

export function columnAt({ axis }: HeatmapGeometry, column: number): Column {
  const layer = column - axis.before.length;
  if (layer < 0) return { kind: "before", bar: column };
  if (layer < axis.layerCount) return { kind: "layer", layer };
  return { kind: "after", bar: layer - axis.layerCount };
}

/** A cell; a bar is as high as all rows together. */
export function cellRect(geometry: HeatmapGeometry, row: number, column: number): Rect {
  const { axis, rowTops, rowHeight, height, gap } = geometry;
  const place = columnAt(geometry, column);
  if (place.kind === "layer") {
    const x = axis.start + place.layer * axis.layerWidth;
    return { x, y: rowTops[row] ?? 0, width: axis.layerWidth - gap, height: rowHeight - Math.max(gap, 1) };
  }
  const x = (place.kind === "before" ? axis.before : axis.after)[place.bar] ?? 0;
  return { x, y: 0, width: axis.barWidth, height: Math.max(height - 1, 0) };
}

/** The cell under a point; null beside all of them. */
export function cellAtPoint(
  geometry: HeatmapGeometry,
  x: number,
  y: number,
): { readonly row: number; readonly column: number } | null {
  const { axis, rowTops, rowHeight, height } = geometry;
  const row = rowTops.findIndex((top) => y >= top && y < top + rowHeight);
  const inBar = (left: number) => x >= left && x < left + axis.barWidth && y >= 0 && y < height;
  const before = axis.before.findIndex(inBar);
  if (before >= 0) return { row: Math.max(row, 0), column: before };
  const after = axis.after.findIndex(inBar);
  if (after >= 0) return { row: Math.max(row, 0), column: axis.before.length + axis.layerCount + after };
  if (row < 0 || x < axis.start || x >= axis.end) return null;
  return { row, column: axis.before.length + Math.floor((x - axis.start) / axis.layerWidth) };
}
