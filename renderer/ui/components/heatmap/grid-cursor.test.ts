import { describe, expect, it, test } from "vitest";
import { placeOfTensor } from "../../../../src-core/plan/tensor-names.ts";
import { layOutHeatmap, visibleRows } from "../../../../src-core/statistics/heatmap-layout.ts";
import { depthAxis } from "../../figures/depth-axis.ts";
import { heatmapGeometry } from "../../figures/heatmap-geometry.ts";
import type { HeatmapModel } from "../../views/heatmap-model.ts";
import { type GridKey, type GridPlace, gridCellAt, placeAfterKey, placeOfTensors } from "./grid-cursor.ts";

/** Two dense layers, then two of three experts each; embedding left, head right. */
const names = [
  "embed_tokens.weight",
  ...[0, 1, 2, 3].map((layer) => `layers.${layer}.self_attn.q_proj.weight`),
  ...[0, 1].map((layer) => `layers.${layer}.mlp.up_proj.weight`),
  ...[2, 3].flatMap((layer) => [0, 1, 2].map((expert) => `layers.${layer}.mlp.experts.${expert}.up_proj.weight`)),
  ...[0, 1, 2, 3].map((layer) => `layers.${layer}.input_layernorm.weight`),
  "lm_head.weight",
];
const layout = layOutHeatmap(names.map((name) => ({ name, ...placeOfTensor(name) })));
const experts = layout.rows.find(({ expertCount }) => expertCount > 0)?.key ?? "";

function gridOf(open: ReadonlySet<string>) {
  const rows = visibleRows(layout, open);
  const cell = { value: 0, nonFinite: false } as const;
  const model: HeatmapModel = {
    metric: "relative",
    domain: null,
    rows: rows.map(({ row, depth }) => ({
      row,
      depth,
      cells: row.cells.map((tensors) => (tensors.length > 0 ? cell : null)),
    })),
    before: layout.before.map((bar) => ({ bar, cell })),
    after: layout.after.map((bar) => ({ bar, cell })),
    hasNonFinite: false,
  };
  const axis = depthAxis({ width: 600, layerCount: 4, beforeCount: 1, afterCount: 1, labelWidth: 90, endWidth: 64 });
  const groups = rows.map(({ row }) => row.group);
  return { rows, model, geometry: heatmapGeometry(axis, groups, 20) };
}

const { rows, model, geometry } = gridOf(new Set());
const press = (key: string, from: GridPlace, ctrlKey = false) =>
  placeAfterKey({ key, ctrlKey } satisfies GridKey, from, model, geometry);

// Rows: 0 q_proj, 1 up_proj (layers 0 and 1), 2 up_proj of experts (layers 2 and 3), 3 input norm. Column 1 is layer 0.
describe("a key on the heatmap", () => {
  test.each([
    ["ArrowRight", { row: 0, column: 1 }, { row: 0, column: 2 }],
    ["ArrowRight", { row: 1, column: 2 }, { row: 1, column: 5 }],
    ["ArrowLeft", { row: 2, column: 3 }, { row: 2, column: 0 }],
    ["ArrowLeft", { row: 0, column: 0 }, { row: 0, column: 0 }],
    ["ArrowDown", { row: 0, column: 3 }, { row: 2, column: 3 }],
    ["ArrowUp", { row: 3, column: 1 }, { row: 1, column: 1 }],
    ["ArrowDown", { row: 3, column: 1 }, { row: 3, column: 1 }],
    ["ArrowDown", { row: 0, column: 0 }, { row: 0, column: 0 }],
    ["Home", { row: 2, column: 4 }, { row: 2, column: 0 }],
    ["End", { row: 2, column: 4 }, { row: 2, column: 5 }],
    ["PageDown", { row: 0, column: 1 }, { row: 1, column: 1 }],
    ["PageDown", { row: 1, column: 1 }, { row: 3, column: 1 }],
    ["PageUp", { row: 3, column: 1 }, { row: 1, column: 1 }],
    ["PageUp", { row: 1, column: 1 }, { row: 0, column: 1 }],
    ["a", { row: 0, column: 0 }, null],
  ])("%s from %j leads to %j", (key, from, to) => expect(press(key, from)).toEqual(to));

  it("with Ctrl leads to the corners", () => {
    expect(press("End", { row: 0, column: 1 }, true)).toEqual({ row: 3, column: 5 });
    expect(press("Home", { row: 3, column: 4 }, true)).toEqual({ row: 0, column: 0 });
  });
});

describe("a place", () => {
  it("tells its module, layer and tensors", () => {
    expect(gridCellAt(model, geometry, { row: 2, column: 3 })).toMatchObject({
      label: "up_proj",
      layer: 2,
      expertCount: 3,
      tensors: [7, 8, 9],
    });
    expect(gridCellAt(model, geometry, { row: 3, column: 0 })).toMatchObject({ label: "embed", layer: null });
    expect(gridCellAt(model, geometry, { row: 2, column: 1 })).toBeNull();
  });

  it("of an expert is the row that takes it in, and its own once that is open", () => {
    expect(placeOfTensors([8], rows, layout)).toEqual({ row: 2, column: 3 });
    const open = gridOf(new Set([experts]));
    expect(placeOfTensors([8], open.rows, layout)).toEqual({ row: 4, column: 3 });
    expect(placeOfTensors([7, 8, 9], open.rows, layout)).toEqual({ row: 2, column: 3 });
  });

  it("is none for what no cell shows", () => {
    expect(placeOfTensors([99], rows, layout)).toBeNull();
    expect(placeOfTensors([], rows, layout)).toBeNull();
  });
});
