import { maximumLayerCount } from "../limits.ts";
import { normalizeTensorName } from "../plan/tensor-names.ts";
import { describeModule, type ModuleGroup, moduleGroups } from "./module-table.ts";
import { outsideLabels, placeOutsideLayers } from "./outside-layers.ts";

/** A tensor as the layout sees it; `layer` and `module` are `placeOfTensor`'s. */
export interface LayoutTensor {
  readonly name: string;
  readonly layer: number | null;
  readonly module: string;
}

/** Indices into the tensors that were laid out: what one cell shows, taken together; none where a layer lacks the module. */
export type CellTensors = readonly number[];

/** Modules by layers, as the heatmap shows them. */
export interface HeatmapLayout {
  readonly layerCount: number;
  /** By group, and inside it in the network's own order. */
  readonly rows: readonly HeatmapRow[];
  /** Left of the layers, and right of them. */
  readonly before: readonly HeatmapBar[];
  readonly after: readonly HeatmapBar[];
  /** All tensors of a group in each layer, for the profile. */
  readonly families: readonly { readonly group: ModuleGroup; readonly cells: readonly CellTensors[] }[];
  /** Tensors that belong to no layer and no known place: a plain table shows them. */
  readonly rest: readonly number[];
}

export interface HeatmapRow {
  /** Stays the same while rows are opened and closed. */
  readonly key: string;
  readonly label: string;
  /** The module's name inside its layer, for people who want it exactly: "mlp.experts.*.up_proj". */
  readonly title: string;
  readonly group: ModuleGroup;
  /** By layer. */
  readonly cells: readonly CellTensors[];
  /** What opening the row shows: its experts, or the bias that goes with the weight. */
  readonly children: readonly HeatmapRow[];
  /** Experts that the row takes together; 0 for any other. */
  readonly expertCount: number;
}

export interface HeatmapBar {
  readonly key: string;
  readonly label: string;
  readonly tensors: CellTensors;
}

/** Lays out tensors by their names. Any names make a layout: what is in no known place is in `rest`. */
export function layOutHeatmap(named: readonly LayoutTensor[]): HeatmapLayout {
  // A number in a name may be anything.
  const tensors = named.map((tensor) =>
    (tensor.layer ?? 0) < maximumLayerCount ? tensor : { ...tensor, layer: null },
  );
  const layerCount = tensors.reduce((count, { layer }) => Math.max(count, (layer ?? -1) + 1), 0);
  const modules = collectModules(tensors);
  const rows = [...modules.values()].map((module) => rowOf(module, layerCount));
  rows.sort((a, b) => orderOf(a) - orderOf(b));
  const outside = layerCount === 0 ? [] : placeOutside(tensors);
  const placed = new Set(outside.flatMap(({ tensors }) => tensors));
  return {
    layerCount,
    rows: tellApart(rows.map(({ row }) => row)),
    before: outside.filter(({ side }) => side === "before").map(barOf),
    after: outside.filter(({ side }) => side === "after").map(barOf),
    families: familiesOf(modules, layerCount),
    rest: tensors.flatMap(({ layer }, index) => (layer === null && !placed.has(index) ? [index] : [])),
  };
}

export interface VisibleRow {
  readonly row: HeatmapRow;
  /** 1 for what an open row shows. */
  readonly depth: 0 | 1;
}

/** The rows from top to bottom when these are open. */
export function visibleRows({ rows }: HeatmapLayout, open: ReadonlySet<string>): readonly VisibleRow[] {
  return rows.flatMap((row) => [
    { row, depth: 0 as const },
    ...(open.has(row.key) ? row.children.map((child) => ({ row: child, depth: 1 as const })) : []),
  ]);
}

interface Member {
  readonly tensor: number;
  readonly layer: number;
  /** "weight", "bias", or "" for a parameter that is the module's only one. */
  readonly parameter: string;
  readonly expert: number | null;
}

interface Module {
  readonly key: string;
  readonly stem: string;
  /** "encoder" or "decoder" where a model has both. */
  readonly stack: string | null;
  readonly members: Member[];
}

function collectModules(tensors: readonly LayoutTensor[]): Map<string, Module> {
  const stacks = tensors.map(({ name, layer }) => (layer === null ? null : stackOf(name)));
  const hasBothStacks = stacks.includes("encoder") && stacks.includes("decoder");
  const modules = new Map<string, Module>();
  tensors.forEach(({ layer, module }, tensor) => {
    if (layer === null) return;
    const { stem, parameter, expert } = splitModule(module);
    const stack = hasBothStacks ? (stacks[tensor] ?? null) : null;
    const key = stack === null ? stem : `${stack}.${stem}`;
    const known = modules.get(key) ?? { key, stem, stack, members: [] };
    known.members.push({ tensor, layer, parameter, expert });
    modules.set(key, known);
  });
  return modules;
}

function stackOf(name: string): "encoder" | "decoder" | null {
  const [, stack] = /^(encoder|decoder)\./.exec(normalizeTensorName(name)) ?? [];
  return stack === "encoder" || stack === "decoder" ? stack : null;
}

/** "mlp.experts.3.up_proj.weight" is parameter "weight" of expert 3 of "mlp.experts.*.up_proj". */
function splitModule(module: string): { stem: string; parameter: string; expert: number | null } {
  const [, path = module, parameter = ""] = /^(.+?)(?:[._](weight|bias))?$/.exec(module) ?? [];
  const [, before, expert, after] = /^(.*\bexperts)\.(\d+)\.(.+)$/.exec(path) ?? [];
  if (before === undefined || after === undefined) return { stem: path, parameter, expert: null };
  return { stem: `${before}.*.${after}`, parameter, expert: Number(expert) };
}

interface OrderedRow {
  readonly row: HeatmapRow;
  readonly rank: number;
}

function orderOf({ row, rank }: OrderedRow): number {
  return moduleGroups.indexOf(row.group) * 1000 + rank;
}

function rowOf({ key, stem, stack, members }: Module, layerCount: number): OrderedRow {
  const { group, label: plain, rank } = describeModule(stem);
  const label = stack === null ? plain : `${stack.slice(0, 3)} ${plain}`;
  const common = { group, title: stem, expertCount: 0, children: [] };
  const experts = distinct(members.flatMap(({ expert }) => expert ?? []));
  if (experts.length > 0) {
    const children = experts
      .sort((a, b) => a - b)
      .map((expert) => ({
        ...common,
        key: `${key}#${expert}`,
        label: `expert ${expert}`,
        title: stem.replace("*", String(expert)),
        cells: cellsOf(members, layerCount, (member) => member.expert === expert),
      }));
    const cells = cellsOf(members, layerCount, () => true);
    return { row: { ...common, key, label, cells, children, expertCount: experts.length }, rank };
  }
  const parameters = distinct(members.map(({ parameter }) => parameter));
  const main = parameters.includes("weight") ? "weight" : (parameters[0] ?? "");
  const rows = [main, ...parameters.filter((parameter) => parameter !== main)].map((parameter) => ({
    ...common,
    key: parameter === main ? key : `${key}.${parameter}`,
    label: parameter === main ? (main === "bias" && rank > 0 ? labelOfBias(label) : label) : parameter || "value",
    title: parameter === "" || parameter === "weight" ? stem : `${stem}.${parameter}`,
    cells: cellsOf(members, layerCount, (member) => member.parameter === parameter),
  }));
  const [first, ...children] = rows;
  if (first === undefined) throw new RangeError(`module ${key} has no tensor`);
  return { row: { ...first, children }, rank };
}

/** A bias that stands alone, without a weight, is called one. */
function labelOfBias(label: string): string {
  return /mask|score/.test(label) ? label : `${label} bias`;
}

function cellsOf(
  members: readonly Member[],
  layerCount: number,
  belongs: (member: Member) => boolean,
): readonly CellTensors[] {
  const cells: number[][] = Array.from({ length: layerCount }, () => []);
  for (const member of members) if (belongs(member)) cells[member.layer]?.push(member.tensor);
  return cells;
}

/** Two rows of one label get the part of the name before it, where that differs. */
function tellApart(rows: readonly HeatmapRow[]): readonly HeatmapRow[] {
  const counts = new Map<string, number>();
  // Experts are told from a dense module by their number.
  const shown = ({ label, expertCount }: HeatmapRow) => `${label} ${expertCount > 0}`;
  for (const row of rows) counts.set(shown(row), (counts.get(shown(row)) ?? 0) + 1);
  return rows.map((row) => {
    if ((counts.get(shown(row)) ?? 0) < 2) return row;
    const parts = row.title.split(".");
    return { ...row, label: parts.length > 1 ? parts.slice(-2).join(".") : row.title };
  });
}

function familiesOf(modules: ReadonlyMap<string, Module>, layerCount: number): HeatmapLayout["families"] {
  const cells = new Map<ModuleGroup, number[][]>();
  for (const { stem, members } of modules.values()) {
    const { group } = describeModule(stem);
    const ofGroup = cells.get(group) ?? Array.from({ length: layerCount }, () => []);
    for (const { layer, tensor } of members) ofGroup[layer]?.push(tensor);
    cells.set(group, ofGroup);
  }
  return moduleGroups.flatMap((group) => {
    const ofGroup = cells.get(group);
    return ofGroup === undefined ? [] : [{ group, cells: ofGroup }];
  });
}

interface Outside {
  readonly side: "before" | "after";
  readonly label: string;
  readonly tensors: number[];
}

function placeOutside(tensors: readonly LayoutTensor[]): readonly Outside[] {
  const found = new Map<string, Outside>();
  tensors.forEach(({ name, layer }, tensor) => {
    const place = layer === null ? placeOutsideLayers(name) : null;
    if (place === null) return;
    const known = found.get(place.label) ?? { ...place, tensors: [] };
    known.tensors.push(tensor);
    found.set(place.label, known);
  });
  return outsideLabels.flatMap((label) => found.get(label) ?? []);
}

function barOf({ label, tensors }: Outside): HeatmapBar {
  return { key: `outside.${label}`, label, tensors };
}

function distinct<Item>(items: readonly Item[]): Item[] {
  return [...new Set(items)];
}
