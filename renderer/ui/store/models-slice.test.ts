import { beforeEach, describe, expect, it, vi } from "vitest";
import { roles } from "./model-slot.ts";
import { createStudioStore, type StudioStore } from "./studio-store.ts";
import {
  checkpoint,
  createFakeStudio,
  deferred,
  type FakeStudio,
  fail,
  jobState,
  succeed,
} from "./testing/fake-studio.ts";
import { slotsOf } from "./vectors.ts";

let studio: FakeStudio;
let store: StudioStore;
const state = () => store.getState();
const ids = () => roles.map((role) => slotsOf(state())[role].model?.id ?? null);
const notSafetensors = { code: "not-safetensors", what: "This is not a safetensors file", where: "a.bin" } as const;

beforeEach(() => {
  vi.useFakeTimers();
  studio = createFakeStudio();
  store = createStudioStore(studio);
  return () => vi.useRealTimers();
});

describe("a card", () => {
  it("holds what was picked", async () => {
    await state().openModel("chat", { kind: "file" });
    expect(studio.argumentsOf("pickCheckpoint")).toEqual(["file"]);
    expect(ids()).toEqual([null, "picked-1", null]);
  });

  it("stays as it was when the dialog is dismissed", async () => {
    await state().openModel("base", { kind: "folder" });
    studio.answer("pickCheckpoint", async () => succeed(null));
    await state().openModel("base", { kind: "folder" });
    expect(slotsOf(state()).base).toEqual({ model: checkpoint("picked-1"), opening: null, failure: null });
  });

  it("keeps its model when a replacement fails, says why, and tries the same file again", async () => {
    await state().openModel("target", { kind: "folder" });
    studio.answer("openDropped", async () => fail(notSafetensors));
    const file = new File([], "a.bin");
    await state().dropOnCard("target", [file]);
    expect(slotsOf(state()).target.model?.id).toBe("picked-1");
    expect(slotsOf(state()).target.failure?.failure).toEqual(notSafetensors);

    studio.answer("openDropped", async () => succeed(checkpoint("repaired")));
    await state().retryModel("target");
    expect(studio.argumentsOf("openDropped")).toEqual([file, file]);
    expect(slotsOf(state()).target).toEqual({ model: checkpoint("repaired"), opening: null, failure: null });
  });

  it("says so when the call itself breaks", async () => {
    studio.answer("pickCheckpoint", () => Promise.reject(new Error("main is gone")));
    await state().openModel("target", { kind: "folder" });
    expect(slotsOf(state()).target.failure?.failure).toMatchObject({ code: "unexpected", actual: "main is gone" });
  });

  it("takes one thing; several are asked about", async () => {
    await state().dropOnCard("chat", [new File([], "1"), new File([], "2")]);
    expect(ids()).toEqual([null, null, null]);
    expect(state().dropped.map(({ model }) => model.id)).toEqual(["1", "2"]);
  });

  it("shows the later of two openings, and main forgets the earlier", async () => {
    const slow = deferred<ReturnType<typeof succeed<ReturnType<typeof checkpoint>>>>();
    studio.answer("openDropped", () => slow.promise);
    const first = state().dropOnCard("target", [new File([], "slow")]);
    await state().openModel("target", { kind: "folder" });
    slow.resolve(succeed(checkpoint("slow")));
    await first;
    expect(ids()[0]).toBe("picked-1");
    expect(studio.argumentsOf("closeCheckpoint")).toEqual(["slow"]);
  });

  it("can stop waiting", async () => {
    const slow = deferred<ReturnType<typeof succeed<ReturnType<typeof checkpoint>>>>();
    studio.answer("openDropped", () => slow.promise);
    const opening = state().dropOnCard("target", [new File([], "slow")]);
    expect(slotsOf(state()).target.opening).not.toBeNull();
    state().clearModel("target");
    expect(slotsOf(state()).target.opening).toBeNull();
    slow.resolve(succeed(checkpoint("slow")));
    await opening;
    expect(ids()[0]).toBeNull();
    expect(studio.argumentsOf("closeCheckpoint")).toEqual(["slow"]);
  });
});

describe("main", () => {
  it("forgets a model that was replaced or cleared", async () => {
    await state().openModel("chat", { kind: "folder" });
    await state().openModel("chat", { kind: "folder" });
    state().clearModel("chat");
    expect(studio.argumentsOf("closeCheckpoint")).toEqual(["picked-1", "picked-2"]);
  });

  it("keeps a model that another card shows", async () => {
    studio.answer("pickCheckpoint", async () => succeed(checkpoint("shared")));
    await state().openModel("chat", { kind: "folder" });
    await state().openModel("base", { kind: "folder" });
    state().clearModel("chat");
    expect(studio.argumentsOf("closeCheckpoint")).toEqual([]);
    state().clearModel("base");
    expect(studio.argumentsOf("closeCheckpoint")).toEqual(["shared"]);
  });
});

describe("swapping", () => {
  it("exchanges two models and closes none", async () => {
    await state().openSamples();
    state().swapModels("target", "base");
    expect(ids()).toEqual(["base", "chat", "target"]);
    expect(studio.argumentsOf("closeCheckpoint")).toEqual([]);
  });
});

describe("the samples", () => {
  it("fill all three roles", async () => {
    await state().openSamples();
    expect(ids()).toEqual(["target", "chat", "base"]);
  });

  it("leave empty cards and a reason when they cannot be made", async () => {
    studio.answer("openSamples", async () => fail({ code: "output-space", what: "No room for the samples" }));
    await state().openSamples();
    expect(ids()).toEqual([null, null, null]);
    expect(roles.every((role) => slotsOf(state())[role].opening === null)).toBe(true);
    expect(state().samplesFailure?.code).toBe("output-space");
  });

  it("give way to what the user did meanwhile", async () => {
    const making = deferred<Awaited<ReturnType<FakeStudio["openSamples"]>>>();
    studio.answer("openSamples", () => making.promise);
    const opening = state().openSamples();
    await state().openModel("chat", { kind: "folder" });
    making.resolve(succeed({ target: checkpoint("t"), chat: checkpoint("c"), base: checkpoint("b") }));
    await opening;
    expect(ids()).toEqual(["t", "picked-1", "b"]);
    expect(studio.argumentsOf("closeCheckpoint")).toEqual(["c"]);
  });
});

it("refuses to change the models while an export runs, and says so", async () => {
  await state().openSamples();
  studio.emit({ type: "job", job: jobState("job") });
  await state().dropOnCard("chat", [new File([], "other")]);
  state().clearModel("target");
  state().swapModels("target", "chat");
  await state().openSamples();
  expect(ids()).toEqual(["target", "chat", "base"]);
  expect(state().windowFailure?.what).toBe("The models stay as they are while an export runs");
  state().dismissWindowFailure();
  expect(state().windowFailure).toBeNull();
});
