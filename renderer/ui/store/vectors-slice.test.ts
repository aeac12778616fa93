import { beforeEach, describe, expect, it, vi } from "vitest";
import { exportBlocker } from "./export-blocker.ts";
import { overallOf, scaledTensorsOf, shownVectorOf } from "./measured.ts";
import { replanDelayMs } from "./plan-slice.ts";
import { createStudioStore, type StudioStore } from "./studio-store.ts";
import { createFakeStudio, type FakeStudio, measureStart, succeed, tensorStatistics } from "./testing/fake-studio.ts";
import { selectedVectorOf, slotsOf, vectorNameOf } from "./vectors.ts";

let studio: FakeStudio;
let store: StudioStore;

const state = () => store.getState();
const file = (name: string) => ({ name }) as File;
const lastRecipe = () => studio.argumentsOf("plan").at(-1) as { vectors: Record<string, unknown>[] };
const settle = () => vi.advanceTimersByTimeAsync(replanDelayMs);

beforeEach(async () => {
  vi.useFakeTimers();
  studio = createFakeStudio();
  store = createStudioStore(studio);
  await state().openSamples();
  await settle();
  return () => vi.useRealTimers();
});

async function addVector(chat: string): Promise<void> {
  state().addVector();
  await state().openModel("chat", { kind: "drop", file: file(chat) });
  await settle();
}

describe("another vector", () => {
  it("starts with the first one's base, and is the one that is edited", async () => {
    state().addVector();
    expect(state().vectors).toHaveLength(2);
    expect(slotsOf(state())).toMatchObject({ chat: { model: null }, base: { model: { id: "base" } } });
    expect(exportBlocker(state())).toBe("Choose the chat of vector 2");
  });

  it("leaves what is planned and measured alone until it has both models", async () => {
    const [plans, measures] = [studio.argumentsOf("plan").length, studio.argumentsOf("startMeasure").length];
    state().addVector();
    await settle();
    expect(studio.argumentsOf("plan")).toHaveLength(plans);
    expect(studio.argumentsOf("startMeasure")).toHaveLength(measures);
    await state().openModel("chat", { kind: "drop", file: file("math") });
    await settle();
    expect(lastRecipe().vectors.map(({ chat, base }) => [chat, base])).toEqual([
      ["chat", "base"],
      ["math", "base"],
    ]);
    expect(studio.argumentsOf("startMeasure")).toHaveLength(measures + 1);
  });

  it("has its own λ, curve and rules", async () => {
    await addVector("math");
    state().setScale(0.25);
    state().addRules(["*mlp*"], 0.5);
    state().selectVector("vector-1");
    state().setScale(0.75);
    await settle();
    expect(lastRecipe().vectors).toMatchObject([
      { scale: 0.75 },
      { scale: 0.25, rules: [{ tensors: "*mlp*", scale: 0.5 }] },
    ]);
    expect(lastRecipe().vectors[0]).not.toHaveProperty("rules");
  });

  it("goes by its chat model's name until it is named, and is not measured again for it", async () => {
    await addVector("math");
    const measures = studio.argumentsOf("startMeasure").length;
    expect(vectorNameOf(state(), "vector-2")).toBe("model-math");
    state().renameVector("vector-2", "  arithmetic ");
    await settle();
    expect(lastRecipe().vectors.map(({ name }) => name)).toEqual(["model-chat", "arithmetic"]);
    state().renameVector("vector-2", "");
    expect(vectorNameOf(state(), "vector-2")).toBe("model-math");
    expect(studio.argumentsOf("startMeasure")).toHaveLength(measures);
  });

  it("of the same name gets a number", async () => {
    await addVector("chat");
    expect(state().vectors.map(({ id }) => vectorNameOf(state(), id))).toEqual(["model-chat", "model-chat 2"]);
  });

  it("follows the first one's base while it shares it, and no longer once it has its own", async () => {
    await addVector("math");
    state().selectVector("vector-1");
    await state().openModel("base", { kind: "drop", file: file("newer") });
    expect(state().vectors.map(({ base }) => base.model?.id)).toEqual(["newer", "newer"]);
    state().selectVector("vector-2");
    await state().openModel("base", { kind: "drop", file: file("own") });
    expect(state().vectors.map(({ base }) => base.model?.id)).toEqual(["newer", "own"]);
    state().selectVector("vector-1");
    await state().openModel("base", { kind: "drop", file: file("newest") });
    expect(state().vectors.map(({ base }) => base.model?.id)).toEqual(["newest", "own"]);
  });

  it("can be removed: main forgets the models that no other shows", async () => {
    await addVector("math");
    state().removeVector("vector-2");
    await settle();
    expect(state().selectedVector).toBe("vector-1");
    expect(studio.argumentsOf("closeCheckpoint")).toEqual(["math"]);
    expect(lastRecipe().vectors).toHaveLength(1);
    state().removeVector("vector-1");
    expect(state().vectors).toHaveLength(1);
  });

  it("can change places", async () => {
    await addVector("math");
    state().moveVector("vector-2", -1);
    await settle();
    expect(lastRecipe().vectors.map(({ chat }) => chat)).toEqual(["math", "chat"]);
    expect(selectedVectorOf(state()).id).toBe("vector-2");
  });

  it("that goes while its model is opened leaves nothing behind", async () => {
    state().addVector();
    const opening = state().openModel("chat", { kind: "drop", file: file("math") });
    state().removeVector("vector-2");
    await opening;
    expect(studio.argumentsOf("closeCheckpoint")).toEqual(["math"]);
    expect(state().vectors).toHaveLength(1);
  });
});

describe("the numbers of several vectors", () => {
  beforeEach(async () => {
    const [first] = tensorStatistics("norm.weight", { vector: 1 }).vectors;
    const [second] = tensorStatistics("norm.weight", { vector: 3 }).vectors;
    const both = tensorStatistics("norm.weight", { pairs: [{ vectors: 0, shiftOfFirst: 0, shiftOfSecond: 0 }] });
    const tensors = [{ ...both, vectors: first && second ? [first, second] : [] }];
    studio.answer("startMeasure", async () => succeed(measureStart("both", ["norm.weight"], { tensors })));
    await addVector("math");
  });

  it("are those of the selected one, and the merged model's take all", () => {
    expect(shownVectorOf(state())).toBe(1);
    expect(overallOf(state())?.vector).toBe(3);
    state().selectVector("vector-1");
    expect(overallOf(state())?.vector).toBe(1);
    expect(scaledTensorsOf(state())[0]?.scales).toEqual([1, 1]);
    state().setScale(0.5);
    expect(scaledTensorsOf(state())[0]?.scales).toEqual([0.5, 1]);
    // Vectors at right angles: √((0.5 · 1)² + 3²) of ‖target‖ = 10.
    expect(overallOf(state())?.mergedShiftRelative).toBeCloseTo(Math.sqrt(0.25 + 9) / 10, 6);
  });

  it("stay the first one's while a further one is not complete", () => {
    state().addVector();
    expect(shownVectorOf(state())).toBe(0);
    expect(overallOf(state())?.vector).toBe(1);
  });
});
