import { beforeEach, describe, expect, it, vi } from "vitest";
import { gatherMs } from "./measure-slice.ts";
import { layoutOf, overallOf, scalesOf, shownMetric } from "./measured.ts";
import { replanDelayMs } from "./plan-slice.ts";
import { createStudioStore, type StudioStore } from "./studio-store.ts";
import {
  checkpoint,
  createFakeStudio,
  deferred,
  type FakeStudio,
  fail,
  measureStart,
  measureState,
  planRow,
  planSummary,
  succeed,
  tensorStatistics,
} from "./testing/fake-studio.ts";
import { slotsOf } from "./vectors.ts";

const names = ["layers.0.mlp.up_proj.weight", "layers.1.mlp.up_proj.weight", "lm_head.weight"];
const pairOnly = { target: null, vectors: [{ name: "chat", chat: "chat", base: "base" }] };
const triple = { ...pairOnly, target: "target" };

let studio: FakeStudio;
let store: StudioStore;
const state = () => store.getState();
const known = () => state().statistics.map((ofTensor) => ofTensor?.name ?? null);

async function openAll(): Promise<void> {
  await state().openSamples();
  await vi.advanceTimersByTimeAsync(replanDelayMs);
}

beforeEach(() => {
  vi.useFakeTimers();
  studio = createFakeStudio();
  studio.answer("plan", async () => succeed(planSummary({ rows: names.map((name) => planRow(name)) })));
  studio.answer("startMeasure", async () => succeed(measureStart("m", names)));
  store = createStudioStore(studio);
  return () => vi.useRealTimers();
});

describe("measuring", () => {
  it("starts by itself once all three models are planned and fit", async () => {
    await state().openSamples();
    expect(studio.argumentsOf("startMeasure")).toEqual([]);
    await vi.advanceTimersByTimeAsync(replanDelayMs);
    expect(studio.argumentsOf("startMeasure")).toEqual([triple]);
    expect(state().measureRows.map(({ name }) => name)).toEqual(names);
    expect(known()).toEqual([null, null, null]);
  });

  it("starts with chat and base alone, and again when the target comes", async () => {
    studio.answer("pickCheckpoint", async () => succeed(checkpoint("chat")));
    await state().openModel("chat", { kind: "folder" });
    expect(studio.argumentsOf("startMeasure")).toEqual([]);
    studio.answer("pickCheckpoint", async () => succeed(checkpoint("base")));
    await state().openModel("base", { kind: "folder" });
    expect(studio.argumentsOf("startMeasure")).toEqual([pairOnly]);
    studio.answer("pickCheckpoint", async () => succeed(checkpoint("target")));
    await state().openModel("target", { kind: "folder" });
    await vi.advanceTimersByTimeAsync(replanDelayMs);
    expect(studio.argumentsOf("startMeasure")).toEqual([pairOnly, triple]);
  });

  it("does not start while the models do not fit", async () => {
    const error = { code: "hidden-size-differs", severity: "error", message: "no" } as const;
    studio.answer("plan", async () => succeed(planSummary({ problems: [error], exportable: false })));
    await openAll();
    expect(studio.argumentsOf("startMeasure")).toEqual([]);
  });

  it("is not started again by another λ, curve or rule", async () => {
    await openAll();
    state().setScale(0.3);
    state().applyPreset("middle");
    state().addRules(["*"]);
    await vi.advanceTimersByTimeAsync(replanDelayMs);
    expect(studio.argumentsOf("startMeasure")).toHaveLength(1);
  });

  it("is started again by another vocabulary policy, and shows the old numbers until the new ones come", async () => {
    studio.answer("startMeasure", async () =>
      succeed(measureStart("m", names, { tensors: [tensorStatistics(names[0] ?? "")] })),
    );
    await openAll();
    const next = deferred<Awaited<ReturnType<FakeStudio["startMeasure"]>>>();
    studio.answer("startMeasure", () => next.promise);
    state().choose("vocabulary-differs", "first-rows");
    expect(studio.argumentsOf("startMeasure").at(-1)).toEqual({ ...triple, vocabulary: "first-rows" });
    expect(known()).toEqual([names[0], null, null]);
    next.resolve(succeed(measureStart("m2", names)));
    await vi.advanceTimersByTimeAsync(0);
    expect(state().measure?.id).toBe("m2");
    expect(known()).toEqual([null, null, null]);
  });

  it("is stopped and forgotten when a model leaves", async () => {
    await openAll();
    state().clearModel("chat");
    expect(studio.argumentsOf("cancelMeasure")).toEqual(["m"]);
    expect(state()).toMatchObject({ measure: null, measureRequest: null, measureRows: [], statistics: [] });
  });

  it("says why it did not start, and starts when asked again", async () => {
    studio.answer("startMeasure", async () => fail({ code: "device-lost", what: "The device was lost" }));
    await openAll();
    expect(state().measureFailure?.code).toBe("device-lost");
    studio.answer("startMeasure", async () => succeed(measureStart("m", names)));
    await state().startMeasure();
    expect(state()).toMatchObject({ measureFailure: null, measureStarting: false });
    expect(state().measure?.id).toBe("m");
  });
});

describe("statistics", () => {
  it("take their places as they come, several at a time", async () => {
    await openAll();
    const before = state().statistics;
    studio.emit({ type: "tensors", measureId: "m", tensors: [tensorStatistics(names[2] ?? "")] });
    studio.emit({ type: "tensors", measureId: "m", tensors: [tensorStatistics(names[0] ?? "")] });
    expect(state().statistics).toBe(before);
    await vi.advanceTimersByTimeAsync(gatherMs);
    expect(known()).toEqual([names[0], null, names[2]]);
  });

  it("that overtake the answer to the start are not lost", async () => {
    const start = deferred<Awaited<ReturnType<FakeStudio["startMeasure"]>>>();
    studio.answer("startMeasure", () => start.promise);
    await openAll();
    studio.emit({ type: "measure", measure: measureState("m", { bytesRead: 12 }) });
    studio.emit({ type: "tensors", measureId: "m", tensors: [tensorStatistics(names[1] ?? "")] });
    start.resolve(succeed(measureStart("m", names)));
    await vi.advanceTimersByTimeAsync(0);
    expect(known()).toEqual([null, names[1], null]);
    expect(state().measure?.bytesRead).toBe(12);
  });

  it("of another measurement, or another model's tensors, are not taken", async () => {
    await openAll();
    studio.emit({ type: "tensors", measureId: "old", tensors: [tensorStatistics(names[1] ?? "")] });
    studio.emit({ type: "tensors", measureId: "m", tensors: [tensorStatistics("elsewhere")] });
    await vi.advanceTimersByTimeAsync(gatherMs);
    expect(known()).toEqual([null, null, null]);
  });

  it("stay when measuring is stopped, and it goes on from there", async () => {
    await openAll();
    studio.emit({ type: "tensors", measureId: "m", tensors: [tensorStatistics(names[0] ?? "")] });
    await vi.advanceTimersByTimeAsync(gatherMs);
    await state().cancelMeasure();
    studio.emit({ type: "measure", measure: measureState("m", { phase: "cancelled" }) });
    expect(known()).toEqual([names[0], null, null]);
    studio.answer("startMeasure", async () =>
      succeed(measureStart("m", names, { tensors: [tensorStatistics(names[0] ?? "")] })),
    );
    await state().startMeasure();
    expect(known()).toEqual([names[0], null, null]);
    expect(state().measure?.phase).toBe("measuring");
  });

  it("are measured again when a model changed on disk, and the user is told", async () => {
    await openAll();
    studio.emit({ type: "reopened", model: { ...checkpoint("chat"), tensorCount: 9 } });
    expect(slotsOf(state()).chat.model?.tensorCount).toBe(9);
    expect(state().windowNotice).toBe("model-chat was changed on disk, and has been read again");
    expect(studio.argumentsOf("startMeasure")).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(replanDelayMs);
    expect(studio.argumentsOf("plan")).toHaveLength(2);
  });
});

describe("what follows from the statistics", () => {
  beforeEach(async () => {
    studio.answer("startMeasure", async () =>
      succeed(measureStart("m", names, { tensors: names.map((name) => tensorStatistics(name, { vector: 1 })) })),
    );
    await openAll();
  });

  it("changes with λ at once, without asking main", () => {
    const planned = studio.argumentsOf("plan").length;
    expect(overallOf(state())?.mergedShiftRelative).toBeCloseTo(Math.sqrt(3) / Math.sqrt(300));
    state().setScale(0.5);
    expect(overallOf(state())?.mergedShiftRelative).toBeCloseTo((0.5 * Math.sqrt(3)) / Math.sqrt(300));
    expect(studio.argumentsOf("plan")).toHaveLength(planned);
  });

  it("changes with the curve and the rules as the recipe would have it", () => {
    state().setCurve([
      { layer: 0, factor: 0.5 },
      { layer: 1, factor: 1 },
    ]);
    state().addRules(["*head*"], 0);
    expect([...scalesOf(state())]).toEqual([0.5, 1, 0]);
  });

  it("is the same object while nothing that it follows from changes", () => {
    const layout = layoutOf(state());
    const overall = overallOf(state());
    state().chooseMetric("vector");
    expect(layoutOf(state())).toBe(layout);
    expect(overallOf(state())).toBe(overall);
  });

  it("falls back to a metric that needs no target where there is none", () => {
    state().chooseMetric("cosine");
    expect(shownMetric(state())).toBe("cosine");
    expect(shownMetric({ ...state(), measureRequest: { ...pairOnly } })).toBe("relative");
  });
});
