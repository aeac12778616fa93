import { svgPage, text } from "./svg.mjs";

/** In the order in which they stand on each other: a folder imports what stands below it. */
export const layers = [
  "renderer/ui",
  "electron",
  "renderer/engine",
  "src-core/samples",
  "src-core/provenance",
  "src-core/gpu",
  "src-core/cpu",
  "src-core/engine",
  "src-core/reference",
  "src-core/statistics",
  "src-core/plan",
  "src-core/vocabulary",
  "src-core/kinship",
  "src-core/recipe",
  "src-core/checkpoint",
  "shaders",
];

const cellSize = 30;
const left = 170;
const top = 132;

/**
 * Who imports whom, as a square of folders: a row's folder imports a column's, where the cell is filled; hollow, types of it alone.
 * Tests, and what all may import (errors.ts, limits.ts), are left out.
 * @param {import("../../import-graph.mjs").ImportGraph} graph
 */
export function drawImports(graph) {
  const edges = folderImports(graph);
  const size = layers.length * cellSize;
  const lines = Array.from({ length: layers.length + 1 }, (_, index) => index * cellSize).flatMap((at) => [
    `<path class="grid" d="M${left} ${top + at}h${size}"/>`,
    `<path class="grid" d="M${left + at} ${top}v${size}"/>`,
  ]);
  const labels = layers.flatMap((name, index) => [
    text(left - 10, top + index * cellSize + 20, short(name), { anchor: "end" }),
    text(left + index * cellSize + 20, top - 10, short(name), { turn: -60 }),
  ]);
  return svgPage(
    {
      width: left + size + 60,
      height: top + size + 40,
      title: "Who imports whom",
      description:
        "A square of folders. A filled cell: the row's folder imports the column's. All lie on one side of the diagonal.",
    },
    [
      ...lines,
      ...labels,
      ...layers
        .flatMap((from, row) => layers.map((to, column) => cell(row, column, edges.get(`${from} ${to}`))))
        .filter((drawn) => drawn !== ""),
      text(left, top + size + 26, "a row imports a column; hollow: its types alone", { style: "muted" }),
    ],
  );
}

/**
 * Which folder imports which, as "importing imported".
 * @param {import("../../import-graph.mjs").ImportGraph} graph
 * @returns {Map<string, "values" | "types">}
 */
export function folderImports({ imports }) {
  /** @type {Map<string, "values" | "types">} */
  const edges = new Map();
  for (const { from, to, typesOnly } of imports) {
    const [row, column] = [folderOf(from), folderOf(to)];
    if (row === undefined || column === undefined || row === column) continue;
    const edge = `${row} ${column}`;
    edges.set(edge, typesOnly ? (edges.get(edge) ?? "types") : "values");
  }
  return edges;
}

/** @param {string} file */
function folderOf(file) {
  if (/\.(test|spec|fixture)\.tsx?$|\/testing\//.test(file)) return undefined;
  return layers.find((folder) => file.startsWith(`${folder}/`));
}

/**
 * @param {number} row
 * @param {number} column
 * @param {"values" | "types" | undefined} edge
 */
function cell(row, column, edge) {
  const [x, y] = [left + column * cellSize, top + row * cellSize];
  if (row === column) return `<rect class="self" x="${x}" y="${y}" width="${cellSize}" height="${cellSize}"/>`;
  if (edge === undefined) return "";
  const side = cellSize - 14;
  return `<rect class="${edge === "values" ? "cell" : "hollow"}" x="${x + 7}" y="${y + 7}" width="${side}" height="${side}" rx="4"/>`;
}

/** @param {string} folder */
function short(folder) {
  return folder.replace("src-core/", "");
}
