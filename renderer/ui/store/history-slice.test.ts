import { beforeEach, describe, expect, it, vi } from "vitest";
import type { RecipeInput } from "../../../src-core/recipe/recipe.ts";
import { fullRecipeOf, isEdited } from "./decisions.ts";
import { maximumSteps, mergeMs } from "./history-slice.ts";
import { replanDelayMs } from "./plan-slice.ts";
import { createStudioStore, type StudioStore } from "./studio-store.ts";
import {
  checkpoint,
  createFakeStudio,
  type FakeStudio,
  fail,
  jobState,
  outputChoice,
  planRow,
  planSummary,
  succeed,
} from "./testing/fake-studio.ts";
import { selectedVectorOf } from "./vectors.ts";

let studio: FakeStudio;
let store: StudioStore;
const state = () => store.getState();
const settle = () => vi.advanceTimersByTimeAsync(2 * replanDelayMs);
const later = () => vi.advanceTimersByTimeAsync(2 * mergeMs);
const scale = () => selectedVectorOf(state()).scale;
const planned = () => studio.argumentsOf("plan").at(-1) as RecipeInput;
const names = () => state().past.map(({ name }) => name);

beforeEach(async () => {
  vi.useFakeTimers();
  studio = createFakeStudio();
  const rows = Array.from({ length: 5 }, (_, layer) => planRow(`layers.${layer}.mlp.up_proj.weight`, { layer }));
  studio.answer("plan", async () => succeed(planSummary({ rows })));
  store = createStudioStore(studio);
  await state().openSamples();
  await later();
  return () => vi.useRealTimers();
});

/** Does something, and lets the time of a step pass. */
async function step(act: () => unknown): Promise<void> {
  await act();
  await later();
}

describe("undo and redo", () => {
  it("go through changes of every kind, each back to the same recipe", async () => {
    state().forgetHistory();
    const recipes = [fullRecipeOf(state())];
    const acts = [
      () => state().setScale(0.5),
      () => state().applyPreset("ramp up"),
      () => state().addRules(["*norm.weight"], 0),
      () => state().typeRuleScale(selectedVectorOf(state()).rules[0]?.id ?? "", "0.25"),
      () => state().choose("vocabulary-differs", "first-rows"),
      () => state().takeChatToken("<|im_end|>", true),
      () => state().renameVector(state().selectedVector, "assistant"),
    ];
    for (const act of acts) {
      await step(act);
      recipes.push(fullRecipeOf(state()));
    }
    expect(names()).toEqual(["λ", "λ by layer", "rules", "rules", "decision", "output", "name"]);
    for (const expected of recipes.slice(0, -1).reverse()) {
      await step(state().undo);
      expect(fullRecipeOf(state())).toEqual(expected);
      expect(planned()).toEqual(expected);
    }
    expect(state().past).toEqual([]);
    for (const expected of recipes.slice(1)) {
      await step(state().redo);
      expect(fullRecipeOf(state())).toEqual(expected);
    }
    expect(state().future).toEqual([]);
  });

  it("take a drag of λ as one step however long it is, and the next drag as another", async () => {
    state().forgetHistory();
    for (const end of [0.4, 0.9]) {
      state().holdEdit(true);
      for (let at = 0; at < 5; at++) await step(() => state().setScale(end + at / 100));
      state().holdEdit(false);
    }
    expect(names()).toEqual(["λ", "λ"]);
    await state().undo();
    expect(scale()).toBe(0.44);
    await state().undo();
    expect(scale()).toBe(1);
  });

  it("take keys that follow each other as one step, and what is typed as well", async () => {
    state().forgetHistory();
    for (let press = 0; press < 4; press++) {
      state().stepScale(-1);
      await vi.advanceTimersByTimeAsync(mergeMs / 2);
    }
    expect(names()).toEqual(["λ"]);
    await later();
    state().typeScale("0.");
    await settle();
    state().typeScale("0.75");
    await later();
    expect(names()).toEqual(["λ", "λ"]);
    await state().undo();
    expect([scale(), selectedVectorOf(state()).scaleText]).toEqual([0.8, "0.80"]);
  });

  it("leave alone what is typed and not understood, and what is only looked at", async () => {
    state().forgetHistory();
    await step(() => state().typeScale("zero"));
    await step(() => state().showView("plan"));
    await step(() => state().selectTensor("layers.1.mlp.up_proj.weight"));
    expect(names()).toEqual([]);
  });

  it("let go of what was undone once something else is changed", async () => {
    await step(() => state().setScale(0.5));
    await step(state().undo);
    expect(state().future).toHaveLength(1);
    await step(() => state().setScale(0.6));
    expect(state().future).toEqual([]);
  });

  it("do nothing while an export runs", async () => {
    await step(() => state().setScale(0.5));
    studio.emit({ type: "job", job: jobState("job") });
    await state().undo();
    expect(scale()).toBe(0.5);
  });

  it("keep a bounded number of steps", async () => {
    for (let at = 0; at < maximumSteps + 10; at++) await step(() => state().setScale(at / 100));
    expect(state().past).toHaveLength(maximumSteps);
  });
});

describe("models", () => {
  it("come back, opened again where main had closed them, and those that leave are closed", async () => {
    await step(() => state().openModel("chat", { kind: "folder" }));
    expect(studio.argumentsOf("closeCheckpoint")).toContain("chat");
    await step(state().undo);
    expect(studio.argumentsOf("reopenCheckpoint")).toEqual(["chat"]);
    expect(selectedVectorOf(state()).chat.model?.id).toBe("chat");
    expect(studio.argumentsOf("closeCheckpoint").at(-1)).toBe("picked-1");
    expect(planned().vectors[0]?.chat).toBe("chat");
  });

  it("come back with the decisions about them, in one step", async () => {
    await step(() => state().choose("vocabulary-differs", "keep-target"));
    await step(() => state().openModel("target", { kind: "folder" }));
    expect(state().decisions).toEqual({});
    await step(state().undo);
    expect(state().target.model?.id).toBe("target");
    expect(state().decisions).toEqual({ vocabulary: "keep-target" });
  });

  it("that are gone from the disk are said, and everything stays as it is", async () => {
    await step(() => state().clearModel("base"));
    studio.answer("reopenCheckpoint", async () =>
      fail({ code: "checkpoint-not-found", what: "There is no such folder" }),
    );
    const { past } = state();
    await state().undo();
    expect(state().windowFailure?.what).toBe("There is no such folder");
    expect(selectedVectorOf(state()).base.model).toBeNull();
    expect(state().past).toBe(past);
  });

  it("that changed on disk meanwhile come back as they are now", async () => {
    await step(() => state().setScale(0.5));
    studio.emit({ type: "reopened", model: { ...checkpoint("chat"), parameters: 7 } });
    await step(state().undo);
    expect(selectedVectorOf(state()).chat.model?.parameters).toBe(7);
  });

  it("of a vector that was removed come back with its λ", async () => {
    await step(() => state().addVector());
    await step(() => state().openModel("chat", { kind: "folder" }));
    await step(() => state().setScale(0.3));
    await step(() => state().removeVector(state().selectedVector));
    await step(state().undo);
    expect(state().vectors.map((vector) => vector.scale)).toEqual([1, 0.3]);
    expect(state().vectors[1]?.chat.model?.id).toBe("picked-1");
  });
});

describe("the output", () => {
  it("goes back from the folder that was picked to the one that is proposed, and there again", async () => {
    await step(() => state().pickOutput());
    await step(state().undo);
    expect(state().output).toEqual(outputChoice("beside-target"));
    await step(state().redo);
    expect(state().output).toEqual(outputChoice("picked-output"));
    expect(state().outputPicked).toBe(true);
  });
});

describe("a recipe's file", () => {
  it("is no longer edited once its changes are undone, and begins a history of its own when it is opened", async () => {
    await step(() => state().saveRecipe({ as: false }));
    await step(() => state().setScale(0.5));
    expect(isEdited(state())).toBe(true);
    await step(state().undo);
    expect(isEdited(state())).toBe(false);
    const recipe = { ...(fullRecipeOf(state()) as RecipeInput), version: 1 } as never;
    const models = ["target", "chat", "base"].map((id) => ({ id, name: id, model: checkpoint(id), failure: null }));
    studio.answer("pickRecipe", async () =>
      succeed({ document: null, name: "a.yaml", recipe, models, notes: [], isUnsaved: false }),
    );
    await step(() => state().setScale(0.7));
    await state().openOver("cancel");
    await state().openRecipe();
    await step(() => state().openOver("discard"));
    expect([state().past, state().future]).toEqual([[], []]);
  });
});
