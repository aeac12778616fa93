import { beforeEach, describe, expect, it, vi } from "vitest";
import type { CheckpointSummary, ModelOffer, PlacedModels } from "../../../electron/api/models.ts";
import type { Outcome } from "../../../electron/api/outcome.ts";
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
const proposed = () => Object.fromEntries(state().dropped.map(({ model, role }) => [model.id, role]));
const files = (...names: string[]) => names.map((name) => new File([], name));
const offer: ModelOffer = {
  id: "offered",
  name: "org/base",
  place: "cache",
  because: "The model card of chat names it",
};

function named(name: string): CheckpointSummary {
  const { kinship, ...rest } = checkpoint(name);
  return { ...rest, name, kinship: { ...kinship, names: [name], hasChatTemplate: name.includes("chat") } };
}

beforeEach(() => {
  vi.useFakeTimers();
  studio = createFakeStudio();
  studio.answer("openDropped", async ({ name }) => succeed(named(name)));
  store = createStudioStore(studio);
  return () => vi.useRealTimers();
});

describe("a drop beside the cards", () => {
  it("opens the models, proposes roles, and puts nothing on a card before the user agrees", async () => {
    await state().dropOnWindow(files("base", "llama-chat", "target"));
    expect(proposed()).toEqual({ base: "base", "llama-chat": "chat", target: "target" });
    expect(ids()).toEqual([null, null, null]);
    state().takeDropped();
    expect(ids()).toEqual(["target", "llama-chat", "base"]);
    expect(state().dropped).toEqual([]);
    expect(studio.argumentsOf("closeCheckpoint")).toEqual([]);
  });

  it("lets the user choose otherwise: who had the role takes the one that becomes free", async () => {
    await state().dropOnWindow(files("base", "llama-chat"));
    state().chooseDroppedRole("base", "chat");
    expect(proposed()).toEqual({ base: "chat", "llama-chat": "base" });
    state().chooseDroppedRole("base", null);
    expect(proposed()).toEqual({ base: null, "llama-chat": "base" });
    state().takeDropped();
    expect(ids()).toEqual([null, null, "llama-chat"]);
    expect(studio.argumentsOf("closeCheckpoint")).toEqual(["base"]);
  });

  it("of more than three models adds the others as further vectors with the same base, in one step", async () => {
    await state().dropOnWindow(files("base", "llama-chat", "target", "math-chat", "code-chat"));
    expect(proposed()).toMatchObject({ base: "base", target: "target" });
    expect(Object.values(proposed()).sort()).toEqual(["base", "chat", "further", "further", "target"]);
    state().chooseDroppedRole("llama-chat", "chat");
    state().chooseDroppedRole("code-chat", null);
    state().takeDropped();
    expect(ids()).toEqual(["target", "llama-chat", "base"]);
    expect(state().vectors.map(({ chat, base }) => [chat.model?.id, base.model?.id])).toEqual([
      ["llama-chat", "base"],
      ["math-chat", "base"],
    ]);
    expect(studio.argumentsOf("closeCheckpoint")).toEqual(["code-chat"]);
    await vi.advanceTimersByTimeAsync(0);
    expect(state().past).toHaveLength(1);
    await state().undo();
    expect(state().vectors).toHaveLength(1);
  });

  it("is forgotten by main when the user cancels, or drops something else", async () => {
    await state().dropOnWindow(files("one"));
    await state().dropOnWindow(files("two"));
    expect(studio.argumentsOf("closeCheckpoint")).toEqual(["one"]);
    state().leaveDropped();
    expect(studio.argumentsOf("closeCheckpoint")).toEqual(["one", "two"]);
    expect(ids()).toEqual([null, null, null]);
  });

  it("says what cannot be opened, and proposes roles for the rest", async () => {
    studio.answer("openDropped", async ({ name }) =>
      name === "bad" ? fail({ code: "checkpoint-empty", what: "No weights that can be read" }) : succeed(named(name)),
    );
    await state().dropOnWindow(files("bad", "base"));
    expect(state().windowFailure?.code).toBe("checkpoint-empty");
    expect(proposed()).toEqual({ base: "base" });
  });

  it("shows what is being read, and can stop waiting", async () => {
    const slow = deferred<Awaited<ReturnType<FakeStudio["openDropped"]>>>();
    studio.answer("openDropped", () => slow.promise);
    const dropping = state().dropOnWindow(files("slow"));
    expect(state().droppedNames).toEqual(["slow"]);
    state().leaveDropped();
    slow.resolve(succeed(named("slow")));
    await dropping;
    expect(state().dropped).toEqual([]);
    expect(studio.argumentsOf("closeCheckpoint")).toEqual(["slow"]);
  });

  it("of more than anyone means opens nothing", async () => {
    await state().dropOnWindow(files(..."abcdefghi"));
    expect(studio.argumentsOf("openDropped")).toEqual([]);
    expect(state().windowFailure?.what).toBe("9 models came at once");
  });

  it("waits for the end of an export that began meanwhile", async () => {
    await state().dropOnWindow(files("base"));
    studio.emit({ type: "job", job: jobState("job") });
    state().takeDropped();
    expect(ids()).toEqual([null, null, null]);
    expect(proposed()).toEqual({ base: "base" });
  });
});

describe("a listed model", () => {
  it("is opened for the card that it was picked on, and tried again", async () => {
    studio.answer("openOffered", async () => fail({ code: "checkpoint-empty", what: "No weights that can be read" }));
    await state().openModel("chat", { kind: "offer", id: "cached", name: "org/chat" });
    expect(slotsOf(state()).chat.failure?.failure.code).toBe("checkpoint-empty");
    studio.answer("openOffered", async (id) => succeed(checkpoint(id)));
    await state().retryModel("chat");
    expect(ids()).toEqual([null, "cached", null]);
  });

  it("of the welcome is proposed a role", async () => {
    await state().proposeForOffered({ id: "recent", name: "org/recent" });
    expect(state().dropped.map(({ model }) => model.id)).toEqual(["recent"]);
  });
});

describe("bases that others name", () => {
  it("are asked for while the base is empty and another model is there, and once for the same models", async () => {
    studio.answer("proposeBases", async () => succeed([offer]));
    await state().openModel("chat", { kind: "folder" });
    await vi.advanceTimersByTimeAsync(0);
    expect(studio.argumentsOf("proposeBases")).toEqual([["picked-1"]]);
    expect(state().baseOffers).toEqual([offer]);
    await state().openModel("target", { kind: "folder" });
    await vi.advanceTimersByTimeAsync(0);
    state().setScale(0.5);
    expect(studio.argumentsOf("proposeBases")).toEqual([["picked-1"], ["picked-1", "picked-2"]]);
    await state().openModel("base", { kind: "offer", id: "offered", name: "org/base" });
    expect(state().baseOffers).toEqual([]);
    expect(ids()).toEqual(["picked-2", "picked-1", "offered"]);
  });
});

describe("the places of models", () => {
  const hub = { id: "hub", kind: "hugging-face", folder: "/hub", saidBy: "HF_HOME" } as const;
  const mine = { id: "mine", kind: "folder", folder: "/models", saidBy: null } as const;
  const nothing = { exists: true, models: [], truncated: false };

  it("are shown one by one, as each is known: a slow one keeps nobody waiting", async () => {
    const slow = deferred<Outcome<PlacedModels>>();
    studio.answer("modelPlaces", async () => succeed([hub, mine]));
    studio.answer("modelsAt", (id) => (id === "mine" ? slow.promise : Promise.resolve(succeed(nothing))));
    const loading = state().loadModelPlaces();
    await vi.waitFor(() => expect(state().modelPlaces?.[0]?.listing).toEqual(nothing));
    expect(state().modelPlaces?.[1]).toMatchObject({ folder: "/models", listing: null, failure: null });
    slow.resolve(succeed({ ...nothing, truncated: true }));
    await loading;
    expect(state().modelPlaces?.[1]?.listing?.truncated).toBe(true);
  });

  it("say of the one that cannot be read why, until it can; the others stand", async () => {
    studio.answer("modelPlaces", async () => succeed([hub, mine]));
    studio.answer("modelsAt", async (id) =>
      id === "hub" ? fail({ code: "checkpoint-permission", what: "This folder cannot be read" }) : succeed(nothing),
    );
    await state().loadModelPlaces();
    expect(state().modelPlaces?.map(({ failure }) => failure?.code)).toEqual(["checkpoint-permission", undefined]);
    studio.answer("modelsAt", async () => succeed(nothing));
    await state().loadModelPlaces();
    expect(state().modelPlaces?.map(({ failure, listing }) => [failure, listing])).toEqual([
      [null, nothing],
      [null, nothing],
    ]);
  });
});
