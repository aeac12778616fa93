import { beforeEach, describe, expect, it, vi } from "vitest";
import { recipeOf } from "./decisions.ts";
import { createStudioStore, type StudioStore } from "./studio-store.ts";
import { createFakeStudio, type FakeStudio, fail, settings, succeed } from "./testing/fake-studio.ts";

let studio: FakeStudio;
let store: StudioStore;
const state = () => store.getState();
const start = async () => {
  store = createStudioStore(studio);
  await vi.waitFor(() => expect(state().settings).not.toBeNull());
};

beforeEach(() => {
  studio = createFakeStudio();
});

describe("the settings", () => {
  it("give a new recipe its dtype and file size, which is no change of it", async () => {
    studio.answer("settings", async () => succeed({ ...settings, outputDtype: "BF16", shardBytes: 1e9 }));
    await start();
    expect(state().past).toEqual([]);
    await state().openSamples();
    expect(recipeOf(state())?.output).toEqual({ dtype: "BF16", shardBytes: 1e9 });
    // And what is the default of recipes goes without saying.
    studio.answer("settings", async () => succeed(settings));
    await start();
    await state().openSamples();
    expect(recipeOf(state())).not.toHaveProperty("output");
  });

  it("leave a recipe alone that was begun; before that they hold at once", async () => {
    await start();
    studio.emit({ type: "settings", settings: { ...settings, outputDtype: "F16" } });
    expect(state().recipeRest.output).toEqual({ dtype: "F16" });
    await state().openSamples();
    studio.emit({ type: "settings", settings: { ...settings, outputDtype: "F32" } });
    expect(recipeOf(state())?.output).toEqual({ dtype: "F16" });
    state().changeOutput({ dtype: "same", shardBytes: 2e9 });
    expect(recipeOf(state())?.output).toEqual({ dtype: "same", shardBytes: 2e9 });
    await state().undo();
    expect(recipeOf(state())?.output).toEqual({ dtype: "F16" });
  });

  it("move a proposed output folder at once, and a picked one never", async () => {
    await start();
    await state().openSamples();
    await vi.waitFor(() => expect(studio.argumentsOf("proposeOutput")).toHaveLength(1));
    const moved = { ...settings, exportFolder: { path: "/exports", missing: false } };
    studio.emit({ type: "settings", settings: moved });
    expect(studio.argumentsOf("proposeOutput")).toHaveLength(2);
    await state().pickOutput();
    studio.emit({ type: "settings", settings });
    expect(studio.argumentsOf("proposeOutput")).toHaveLength(2);
  });

  it("look through the places of models anew when their folders change", async () => {
    await start();
    await state().loadModelPlaces();
    studio.emit({ type: "settings", settings: { ...settings, modelFolders: [{ id: "a", path: "/a" }] } });
    expect(studio.argumentsOf("modelPlaces")).toHaveLength(2);
    studio.emit({ type: "settings", settings: { ...settings, modelFolders: [{ id: "a", path: "/a" }] } });
    expect(studio.argumentsOf("modelPlaces")).toHaveLength(2);
  });

  it("say what could not be kept, and that a file was set aside", async () => {
    studio.answer("settings", async () => succeed({ ...settings, setAside: "/profile/settings.broken.json" }));
    await start();
    expect(state().windowNotice).toContain("/profile/settings.broken.json");
    studio.answer("changeSettings", async () => fail({ code: "write-failed", what: "could not be kept" }));
    await state().changeSettings({ compute: "cpu" });
    expect(state().settingsFailure?.code).toBe("write-failed");
    studio.answer("changeSettings", async () => succeed(undefined));
    await state().changeSettings({ compute: "auto" });
    expect(state().settingsFailure).toBeNull();
  });
});
