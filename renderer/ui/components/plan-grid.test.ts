import { describe, expect, it, test } from "vitest";
import { planRow } from "../store/testing/fake-studio.ts";
import { filterRows } from "./plan-filter.ts";
import { rowAfterKey } from "./plan-grid.tsx";
import { dtypeChange } from "./plan-grid-row.tsx";
import { copyReasons, outputDtypes } from "./plan-overview.ts";

const rows = [
  planRow("layers.0.mlp.weight"),
  planRow("layers.0.steps", {
    action: "copy",
    reason: "I64 is copied",
    scale: null,
    inputDtype: "I64",
    outputDtype: "I64",
    byteLength: 8,
  }),
  planRow("layers.1.mlp.weight", { inputDtype: "F16" }),
  planRow("head", { action: "copy", reason: "vocabularies differ", scale: null, byteLength: 4 }),
  planRow("tail", { action: "copy", reason: "vocabularies differ", scale: null, byteLength: 4 }),
];
const names = (filter: Parameters<typeof filterRows>[1]) => filterRows(rows, filter).map(({ name }) => name);

describe("the filter", () => {
  it("leaves the plan's own array when it filters nothing", () => {
    expect(filterRows(rows, { action: "all", query: "  " })).toBe(rows);
  });
  it("takes every word of the query, in any case, from name, reason and dtypes", () => {
    expect(names({ action: "all", query: "MLP 1" })).toEqual(["layers.0.mlp.weight", "layers.1.mlp.weight"]);
    expect(names({ action: "all", query: "layers.1" })).toEqual(["layers.1.mlp.weight"]);
    expect(names({ action: "all", query: "i64" })).toEqual(["layers.0.steps"]);
    expect(names({ action: "all", query: "vocab" })).toEqual(["head", "tail"]);
    expect(names({ action: "all", query: "nothing" })).toEqual([]);
  });
  it("takes one action", () => {
    expect(names({ action: "copy", query: "layers" })).toEqual(["layers.0.steps"]);
  });
});

describe("a key in the grid", () => {
  test.each([
    ["ArrowDown", -1, 0],
    ["ArrowDown", 98, 99],
    ["ArrowDown", 99, 99],
    ["ArrowUp", 0, 0],
    ["ArrowUp", -1, 0],
    ["PageDown", 5, 25],
    ["PageUp", 5, 0],
    ["Home", 50, 0],
    ["End", 50, 99],
    ["a", 50, null],
  ])("%s at row %d of 100 leads to %s", (key, selected, next) =>
    expect(rowAfterKey(key, selected, 100, 20)).toBe(next),
  );

  it("moves nothing where there are no rows", () => expect(rowAfterKey("End", -1, 0, 20)).toBeNull());
});

it("counts why tensors are copied, the commonest reason first", () => {
  expect(copyReasons(rows)).toEqual([
    { reason: "vocabularies differ", count: 2 },
    { reason: "I64 is copied", count: 1 },
  ]);
});

it("names the dtypes that are written by their share of the bytes", () => {
  expect(outputDtypes({ rows })).toBe("bf16 + i64");
});

it("says a dtype once when it stays", () => {
  expect(rows.slice(0, 3).map(dtypeChange)).toEqual(["bf16", "i64", "f16 → bf16"]);
});
