import type { CellTensors, HeatmapLayout, VisibleRow } from "../../../../src-core/statistics/heatmap-layout.ts";
import { columnAt, type HeatmapGeometry } from "../../figures/heatmap-geometry.ts";
import type { HeatmapModel, ModelCell } from "../../views/heatmap-model.ts";

export interface GridPlace {
  readonly row: number;
  readonly column: number;
}

/** What stands at a place: a module at a layer, or a bar beside the layers. */
export interface GridCell {
  readonly label: string;
  /** The module's exact name. */
  readonly title: string;
  readonly layer: number | null;
  readonly tensors: CellTensors;
  readonly cell: ModelCell;
  readonly expertCount: number;
}

export function gridCellAt(model: HeatmapModel, geometry: HeatmapGeometry, place: GridPlace): GridCell | null {
  const column = columnAt(geometry, place.column);
  if (column.kind === "layer") {
    const row = model.rows[place.row];
    const cell = row?.cells[column.layer];
    if (row === undefined || cell === undefined || cell === null) return null;
    const { label, title, cells, expertCount } = row.row;
    return { label, title, layer: column.layer, tensors: cells[column.layer] ?? [], cell, expertCount };
  }
  const bar = (column.kind === "before" ? model.before : model.after)[column.bar];
  if (bar === undefined) return null;
  const { label, tensors } = bar.bar;
  return { label, title: label, layer: null, tensors, cell: bar.cell, expertCount: 0 };
}

/**
 * Where these tensors are shown together; else where the first of them is: in its own row where that is open, else in the one
 * that takes it in. Null where it is in no cell.
 */
export function placeOfTensors(
  tensors: readonly number[],
  rows: readonly VisibleRow[],
  { before, after, layerCount }: Pick<HeatmapLayout, "before" | "after" | "layerCount">,
): GridPlace | null {
  const [first] = tensors;
  if (first === undefined) return null;
  const found: { readonly place: GridPlace; readonly size: number }[] = [];
  const look = (cell: CellTensors, place: GridPlace) => {
    if (cell.includes(first)) found.push({ place, size: cell.length });
  };
  before.forEach((bar, column) => {
    look(bar.tensors, { row: 0, column });
  });
  rows.forEach(({ row }, index) => {
    row.cells.forEach((cell, layer) => {
      const place = { row: index, column: before.length + layer };
      look(cell, place);
      for (const child of row.children)
        if (child.cells[layer]?.includes(first)) found.push({ place, size: cell.length });
    });
  });
  after.forEach((bar, column) => {
    look(bar.tensors, { row: 0, column: before.length + layerCount + column });
  });
  found.sort((a, b) => a.size - b.size);
  return (found.find(({ size }) => size === tensors.length) ?? found[0])?.place ?? null;
}

export interface GridKey {
  readonly key: string;
  readonly ctrlKey: boolean;
}

/**
 * The place that a key leads to, passing over layers that lack the module; null for keys that move nothing. Page keys go to
 * the next family of modules, Home and End to the row's ends, with Ctrl to the grid's.
 */
export function placeAfterKey(
  { key, ctrlKey }: GridKey,
  from: GridPlace,
  model: HeatmapModel,
  geometry: HeatmapGeometry,
): GridPlace | null {
  const last = { row: Math.max(model.rows.length - 1, 0), column: geometry.columnCount - 1 };
  const isThere = (place: GridPlace) => gridCellAt(model, geometry, place) !== null;
  const walk = (start: GridPlace, rows: number, columns: number): GridPlace => {
    let { row, column } = start;
    while (row >= 0 && row <= last.row && column >= 0 && column <= last.column) {
      if (isThere({ row, column })) return { row, column };
      row += rows;
      column += columns;
    }
    return from;
  };
  const { row, column } = from;
  const inBar = columnAt(geometry, column).kind !== "layer";
  switch (key) {
    case "ArrowRight":
      return walk({ row, column: column + 1 }, 0, 1);
    case "ArrowLeft":
      return walk({ row, column: column - 1 }, 0, -1);
    case "ArrowDown":
      return inBar ? from : walk({ row: row + 1, column }, 1, 0);
    case "ArrowUp":
      return inBar ? from : walk({ row: row - 1, column }, -1, 0);
    case "Home":
      return walk({ row: ctrlKey ? 0 : row, column: 0 }, 0, 1);
    case "End":
      return walk({ row: ctrlKey ? last.row : row, column: last.column }, 0, -1);
    case "PageDown":
    case "PageUp":
      return inBar
        ? from
        : walk({ row: otherFamily(model, row, key === "PageDown" ? 1 : -1), column }, key === "PageDown" ? 1 : -1, 0);
    default:
      return null;
  }
}

/** The first row of the next family, or of this one or the one before. */
function otherFamily({ rows }: HeatmapModel, row: number, direction: 1 | -1): number {
  const group = (at: number) => rows[at]?.row.group;
  if (direction === 1) {
    for (let at = row + 1; at < rows.length; at++) if (group(at) !== group(row)) return at;
    return rows.length - 1;
  }
  let at = Math.max(row - 1, 0);
  while (at > 0 && group(at - 1) === group(at)) at--;
  return at;
}
