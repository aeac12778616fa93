import { beforeEach, describe, expect, it, vi } from "vitest";
import { replanDelayMs } from "./plan-slice.ts";
import { createStudioStore, type StudioStore } from "./studio-store.ts";
import { createFakeStudio, type FakeStudio, fail, outputChoice, succeed } from "./testing/fake-studio.ts";

let studio: FakeStudio;
let store: StudioStore;
const state = () => store.getState();
const settle = () => vi.advanceTimersByTimeAsync(replanDelayMs);

beforeEach(() => {
  vi.useFakeTimers();
  studio = createFakeStudio();
  store = createStudioStore(studio);
  return () => vi.useRealTimers();
});

async function ready(): Promise<void> {
  await state().openSamples();
  await settle();
}

const full = fail({ code: "output-space", what: "Not enough free space" });

describe("what would hinder an export", () => {
  it("is asked before it starts, once for the same files in the same place", async () => {
    await ready();
    expect(studio.argumentsOf("checkExport")).toHaveLength(1);
    expect(state().preflight).toEqual({ failure: null, notices: [] });
    for (let step = 0; step < 5; step++) {
      state().stepScale(1);
      await settle();
    }
    expect(studio.argumentsOf("checkExport")).toHaveLength(1);
  });

  it("is told, and asked again for another place", async () => {
    studio.answer("checkExport", async () => full);
    await ready();
    expect(state().preflight).toEqual({ failure: full.failure, notices: [] });
    const notice = { code: "output-same-slow-disk", severity: "notice", message: "The same hard disk" } as const;
    studio.answer("checkExport", async () => succeed([notice]));
    await state().pickOutput();
    await settle();
    expect(state().preflight).toEqual({ failure: null, notices: [notice] });
  });

  it("is not asked of a folder that may not be written to yet, and is when it may", async () => {
    studio.answer("pickOutput", async () => succeed(outputChoice("there", { exists: true })));
    await ready();
    await state().pickOutput();
    expect(state().preflight).toBeNull();
    state().setOverwrite(true);
    await settle();
    expect(studio.argumentsOf("checkExport").at(-1)).toMatchObject({ outputId: "there", overwrite: true });
    expect(state().preflight).not.toBeNull();
  });
});
