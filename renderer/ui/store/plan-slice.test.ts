import { beforeEach, describe, expect, it, vi } from "vitest";
import { replanDelayMs } from "./plan-slice.ts";
import { createStudioStore, type StudioStore } from "./studio-store.ts";
import {
  createFakeStudio,
  deferred,
  type FakeStudio,
  fail,
  planRow,
  planSummary,
  succeed,
} from "./testing/fake-studio.ts";
import { selectedVectorOf } from "./vectors.ts";

let studio: FakeStudio;
let store: StudioStore;
const state = () => store.getState();
const planned = () => vi.advanceTimersByTimeAsync(replanDelayMs);
const vector = { name: "chat", chat: "chat", base: "base", scale: 1 };

beforeEach(() => {
  vi.useFakeTimers();
  studio = createFakeStudio();
  store = createStudioStore(studio);
  return () => vi.useRealTimers();
});

describe("planning", () => {
  it("waits for all three models", async () => {
    await state().openModel("target", { kind: "folder" });
    await planned();
    expect(studio.argumentsOf("plan")).toEqual([]);
    expect(state()).toMatchObject({ plan: null, planning: false });
  });

  it("sends the models by id and λ as it is", async () => {
    await state().openSamples();
    await planned();
    expect(studio.argumentsOf("plan")).toEqual([{ version: 1, target: "target", vectors: [vector] }]);
    expect(state()).toMatchObject({ plan: planSummary(), planning: false });
  });

  it("plans once for changes that come close together", async () => {
    await state().openSamples();
    for (const scale of [0.2, 0.4, 0.6]) state().setScale(scale);
    await planned();
    expect(studio.argumentsOf("plan")).toEqual([
      { version: 1, target: "target", vectors: [{ ...vector, scale: 0.6 }] },
    ]);
  });

  it("keeps the plan in sight while it is renewed for another λ", async () => {
    await state().openSamples();
    await planned();
    state().setScale(0.5);
    expect(state()).toMatchObject({ plan: planSummary(), planning: true });
  });

  it("drops an answer that a later change has overtaken", async () => {
    const slow = deferred<Awaited<ReturnType<FakeStudio["plan"]>>>();
    studio.answer("plan", () => slow.promise);
    await state().openSamples();
    await planned();
    studio.answer("plan", async () => succeed(planSummary({ mergedCount: 2 })));
    state().setScale(0.5);
    await planned();
    slow.resolve(succeed(planSummary({ mergedCount: 1 })));
    await planned();
    expect(state().plan?.mergedCount).toBe(2);
  });

  it("drops an answer for models that are gone", async () => {
    const slow = deferred<Awaited<ReturnType<FakeStudio["plan"]>>>();
    studio.answer("plan", () => slow.promise);
    await state().openSamples();
    await planned();
    state().clearModel("base");
    slow.resolve(succeed(planSummary()));
    await planned();
    expect(state()).toMatchObject({ plan: null, planning: false });
  });

  it("says why it failed, and can be tried again", async () => {
    studio.answer("plan", async () => fail({ code: "checkpoint-changed", what: "A file changed" }));
    await state().openSamples();
    await planned();
    expect(state()).toMatchObject({ plan: null, planning: false, planFailure: { code: "checkpoint-changed" } });
    studio.answer("plan", async () => succeed(planSummary()));
    state().replan();
    await planned();
    expect(state()).toMatchObject({ plan: planSummary(), planFailure: null });
  });
});

describe("λ", () => {
  it("is taken while it is typed", () => {
    state().typeScale("0,7");
    expect(selectedVectorOf(state())).toMatchObject({ scale: 0.7, scaleText: "0,7", scaleError: null });
    state().restoreScaleText();
    expect(selectedVectorOf(state()).scaleText).toBe("0.70");
  });

  it("stays in effect while what is typed is no number, which is said", () => {
    state().setScale(0.8);
    state().typeScale("0.8x");
    expect(selectedVectorOf(state())).toMatchObject({
      scale: 0.8,
      scaleText: "0.8x",
      scaleError: "Type a number, e.g. 0.80",
    });
    state().restoreScaleText();
    expect(selectedVectorOf(state())).toMatchObject({ scaleText: "0.80", scaleError: null });
  });

  it("steps by 0.05 without gathering binary errors", () => {
    state().setScale(0);
    for (let step = 0; step < 14; step++) state().stepScale(1);
    expect(selectedVectorOf(state()).scale).toBe(0.7);
    for (let step = 0; step < 20; step++) state().stepScale(-1);
    expect(selectedVectorOf(state())).toMatchObject({ scale: -0.3, scaleText: "−0.30" });
  });
});

describe("a decision", () => {
  it("about vocabularies goes into the recipe", async () => {
    await state().openSamples();
    state().choose("vocabulary-differs", "first-rows");
    await planned();
    expect(studio.argumentsOf("plan")).toEqual([
      { version: 1, target: "target", vectors: [vector], vocabulary: "first-rows" },
    ]);
  });

  it("about shapes can be taken back", () => {
    state().choose("shape-differs", "keep-target");
    expect(state().decisions).toEqual({ onMismatch: "keep-target" });
    state().choose("shape-differs", "keep-target");
    expect(state().decisions).toEqual({});
  });

  it("that the recipe cannot hold is a bug, not ignored", () => {
    expect(() => state().choose("vocabulary-differs", "by-magic")).toThrow("by-magic");
    expect(() => state().choose("tied-head", "keep-target")).toThrow("tied-head");
  });

  it("does not outlive the models it was taken for", async () => {
    await state().openSamples();
    state().choose("vocabulary-differs", "first-rows");
    await state().openModel("target", { kind: "folder" });
    expect(state().decisions).toEqual({});
  });
});

describe("the selected tensor", () => {
  it("stays selected in a new plan that has it, and only there", async () => {
    await state().openSamples();
    await planned();
    state().selectTensor("norm.weight");
    state().setScale(0.5);
    await planned();
    expect(state().selectedTensor).toBe("norm.weight");
    studio.answer("plan", async () => succeed(planSummary({ rows: [planRow("other")] })));
    state().setScale(0.6);
    await planned();
    expect(state().selectedTensor).toBeNull();
  });
});
