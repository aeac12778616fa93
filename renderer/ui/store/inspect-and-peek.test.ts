import { beforeEach, describe, expect, it, vi } from "vitest";
import { dwellMs } from "./inspect-slice.ts";
import { replanDelayMs } from "./plan-slice.ts";
import { createStudioStore, type StudioStore } from "./studio-store.ts";
import {
  createFakeStudio,
  deferred,
  type FakeStudio,
  fail,
  measureRow,
  measureStart,
  planRow,
  planSummary,
  succeed,
  tensorDetail,
} from "./testing/fake-studio.ts";

let studio: FakeStudio;
let store: StudioStore;
const state = () => store.getState();
const inspected = () => studio.argumentsOf("inspectTensor").map((request) => (request as { tensor: string }).tensor);

beforeEach(async () => {
  vi.useFakeTimers();
  studio = createFakeStudio();
  const names = ["a", "b", "huge"];
  studio.answer("plan", async () => succeed(planSummary({ rows: names.map((name) => planRow(name)) })));
  studio.answer("startMeasure", async () =>
    succeed(
      measureStart("m", names, {
        rows: names.map((name) => measureRow(name, { elementCount: name === "huge" ? 3e8 : 6 })),
      }),
    ),
  );
  store = createStudioStore(studio);
  await state().openSamples();
  await vi.advanceTimersByTimeAsync(replanDelayMs);
  return () => vi.useRealTimers();
});

describe("the rows of a tensor", () => {
  it("are read once the selection stays, not while it moves", async () => {
    state().selectTensor("a");
    await vi.advanceTimersByTimeAsync(dwellMs - 1);
    state().selectTensor("b");
    expect(inspected()).toEqual([]);
    await vi.advanceTimersByTimeAsync(dwellMs);
    expect(inspected()).toEqual(["b"]);
    expect(state().inspection).toMatchObject({ tensor: "b", status: "done", detail: { tensor: "b" } });
  });

  it("are not shown for the tensor that is selected by the time they come", async () => {
    const slow = deferred<Awaited<ReturnType<FakeStudio["inspectTensor"]>>>();
    studio.answer("inspectTensor", () => slow.promise);
    state().selectTensor("a");
    await vi.advanceTimersByTimeAsync(dwellMs);
    expect(state().inspection?.status).toBe("reading");
    state().selectTensor("b");
    slow.resolve(succeed(tensorDetail("a")));
    await vi.advanceTimersByTimeAsync(0);
    expect(state().inspection).toMatchObject({ tensor: "b", status: "waiting", detail: null });
  });

  it("are there at once when the selection comes back", async () => {
    state().selectTensor("a");
    await vi.advanceTimersByTimeAsync(dwellMs);
    state().selectTensor("b");
    state().selectTensor("a");
    expect(state().inspection?.status).toBe("done");
    await vi.advanceTimersByTimeAsync(dwellMs);
    expect(inspected()).toEqual(["a"]);
  });

  it("of a very large tensor are read when asked to", async () => {
    state().selectTensor("huge");
    await vi.advanceTimersByTimeAsync(10 * dwellMs);
    expect(state().inspection?.status).toBe("offered");
    await state().readRows();
    expect(inspected()).toEqual(["huge"]);
  });

  it("say why they could not be read, and are read again", async () => {
    studio.answer("inspectTensor", async () => fail({ code: "read-failed", what: "The file could not be read" }));
    state().selectTensor("a");
    await vi.advanceTimersByTimeAsync(dwellMs);
    expect(state().inspection).toMatchObject({ status: "failed", failure: { code: "read-failed" } });
    studio.answer("inspectTensor", async () => succeed(tensorDetail("a")));
    await state().readRows();
    expect(state().inspection?.status).toBe("done");
  });
});

describe("values", () => {
  it("are shown from the first one of the selected tensor", async () => {
    state().selectTensor("a");
    await vi.advanceTimersByTimeAsync(0);
    expect(studio.argumentsOf("peekValues")).toEqual([
      { checkpoint: "target", tensor: "a", row: 0, column: 0, rowCount: 5, columnCount: 5 },
    ]);
    expect(state().peek.values?.values).toEqual([[1, 2, 3]]);
  });

  it("of another model or place are asked for as the window moves", async () => {
    state().selectTensor("a");
    state().peekAt({ role: "chat", row: 7 });
    await vi.advanceTimersByTimeAsync(0);
    expect(studio.argumentsOf("peekValues").at(-1)).toMatchObject({ checkpoint: "chat", row: 7, column: 0 });
    state().selectTensor("b");
    expect(state().peek).toMatchObject({ role: "chat", row: 0 });
  });

  it("that cannot be shown say why", async () => {
    studio.answer("peekValues", async () => fail({ code: "checkpoint-unsupported", what: "Values are not shown" }));
    state().selectTensor("a");
    await vi.advanceTimersByTimeAsync(0);
    expect(state().peek).toMatchObject({ values: null, failure: { code: "checkpoint-unsupported" } });
  });
});

describe("a cell of the heatmap", () => {
  it("of one tensor selects it, of several selects them together, of none nothing", () => {
    state().selectCell({ label: "a", layer: 0, tensors: ["a"] });
    expect(state()).toMatchObject({ selectedTensor: "a", selectedCell: null });
    state().selectCell({ label: "both", layer: 0, tensors: ["a", "b"] });
    expect(state()).toMatchObject({ selectedTensor: null, selectedCell: { label: "both" } });
    state().selectTensor("b");
    expect(state().selectedCell).toBeNull();
    state().selectCell({ label: "", layer: 0, tensors: [] });
    expect(state().selectedTensor).toBeNull();
  });

  it("opens and closes its row", () => {
    state().toggleRow("mlp.experts.*.up_proj");
    expect([...state().openRows]).toEqual(["mlp.experts.*.up_proj"]);
    state().toggleRow("mlp.experts.*.up_proj");
    expect(state().openRows.size).toBe(0);
  });
});
