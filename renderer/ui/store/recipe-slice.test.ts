import { beforeEach, describe, expect, it, vi } from "vitest";
import type { OpenedRecipe } from "../../../electron/api/recipes.ts";
import { recipeSchema } from "../../../src-core/recipe/recipe.ts";
import { isEdited } from "./decisions.ts";
import { exportBlocker } from "./export-blocker.ts";
import { replanDelayMs } from "./plan-slice.ts";
import { createStudioStore, type StudioStore } from "./studio-store.ts";
import {
  checkpoint,
  createFakeStudio,
  type FakeStudio,
  fail,
  planRow,
  planSummary,
  succeed,
} from "./testing/fake-studio.ts";
import { slotsOf, vectorNameOf } from "./vectors.ts";

let studio: FakeStudio;
let store: StudioStore;

const state = () => store.getState();
const settle = () => vi.advanceTimersByTimeAsync(replanDelayMs);
const lastPlanned = () => studio.argumentsOf("plan").at(-1);
const file = (name: string) => ({ name }) as File;

const recipe = recipeSchema.parse({
  target: "t",
  vectors: [
    {
      chat: "c",
      base: "b",
      scale: 0.8,
      curve: [0.2, 1, 0.5],
      outside: 0.1,
      rules: [{ tensors: "*norm*", scale: 0.5, curve: [0, 1], outside: 0 }],
    },
    { name: "math", chat: "m", base: "b", scale: 0.4 },
  ],
  vocabulary: "keep-target",
  onMismatch: "keep-target",
  output: { dtype: "BF16", shardBytes: 1000 },
});

function opened(change: Partial<OpenedRecipe> = {}): OpenedRecipe {
  return {
    document: { id: "document", name: "two.yaml", path: "/recipes/two.yaml" },
    name: "two.yaml",
    recipe,
    models: ["t", "c", "b", "m"].map((id) => ({ id, name: id, model: checkpoint(id), failure: null })),
    notes: [],
    isUnsaved: false,
    ...change,
  };
}

const missing = {
  id: "m",
  name: "m",
  model: null,
  failure: { code: "checkpoint-not-found", what: "There is no such file or folder", where: "/m" },
} as const;

beforeEach(() => {
  vi.useFakeTimers();
  studio = createFakeStudio();
  studio.answer("pickRecipe", async () => succeed(opened()));
  // Five layers, on which the curve's three values stand.
  const rows = [0, 1, 2, 3, 4].map((layer) => planRow(`layers.${layer}.mlp.weight`, { layer }));
  studio.answer("plan", async () => succeed(planSummary({ rows })));
  store = createStudioStore(studio);
  return () => vi.useRealTimers();
});

describe("an opened recipe", () => {
  it("is planned as it is, with all that the window has no control for", async () => {
    await state().openRecipe();
    await settle();
    expect(lastPlanned()).toEqual(recipe);
    expect(isEdited(state())).toBe(false);
  });

  it("is edited once λ is another, and no longer once it is saved", async () => {
    await state().openRecipe();
    await settle();
    state().setScale(0.7);
    expect(isEdited(state())).toBe(true);
    await state().saveRecipe({ as: false });
    expect(studio.argumentsOf("saveRecipe")).toEqual([
      {
        recipe: { ...recipe, vectors: [{ ...recipe.vectors[0], scale: 0.7 }, recipe.vectors[1]] },
        documentId: "document",
        as: false,
      },
    ]);
    expect(isEdited(state())).toBe(false);
    state().setScale(0.8);
    expect(isEdited(state())).toBe(true);
  });

  it("keeps its curve until a point is moved, and its rules' curves whatever their λ", async () => {
    await state().openRecipe();
    await settle();
    const [rule] = state().vectors[0]?.rules ?? [];
    state().typeRuleScale(rule?.id ?? "", "0.6");
    await settle();
    expect(lastPlanned()).toMatchObject({
      vectors: [{ curve: [0.2, 1, 0.5], rules: [{ scale: 0.6, curve: [0, 1], outside: 0 }] }, {}],
    });
    state().setCurve([
      { layer: 0, factor: 0 },
      { layer: 4, factor: 1 },
    ]);
    await settle();
    expect(lastPlanned()).toMatchObject({ vectors: [{ curve: [0, 0.25, 0.5, 0.75, 1], outside: 0.1 }, {}] });
    state().resetOutside();
    await settle();
    expect((lastPlanned() as typeof recipe).vectors[0]).not.toHaveProperty("outside");
  });

  it("takes the place of what was there, which main may forget", async () => {
    await state().openSamples();
    await state().openRecipe();
    await settle();
    expect(studio.argumentsOf("closeCheckpoint")).toEqual(["target", "chat", "base"]);
    expect(state().vectors.map(({ id }) => vectorNameOf(state(), id))).toEqual(["chat", "math"]);
  });

  it("has cards for models that are missing; one that is there again is no edit", async () => {
    const models = opened().models.map((named) => (named.id === "m" ? missing : named));
    studio.answer("pickRecipe", async () => succeed(opened({ models })));
    await state().openRecipe();
    await settle();
    const math = state().vectors[1]?.id ?? "";
    state().selectVector(math);
    expect(slotsOf(state()).chat.failure?.failure.where).toBe("/m");
    expect(exportBlocker(state())).toBe("Choose the chat of math");
    expect(isEdited(state())).toBe(false);
    await state().retryModel("chat");
    expect(studio.argumentsOf("openReference")).toEqual(["m"]);
    expect(slotsOf(state()).chat.model?.id).toBe("found-m");
    expect(isEdited(state())).toBe(false);
    // What the recipe decided stands.
    expect(state().decisions).toEqual({ vocabulary: "keep-target", onMismatch: "keep-target" });
  });

  it("with bases that are missing fills those of the same name together, and no others", async () => {
    const bases = ["b", "b2"].map((id) => ({ ...missing, id, name: id }));
    const [first, second] = recipe.vectors;
    if (first === undefined || second === undefined) throw new Error("two vectors");
    const vectors = [first, { ...second, base: "b2" }, { ...second, name: "third" }];
    const models = [...opened().models.filter(({ id }) => id !== "b"), ...bases];
    studio.answer("pickRecipe", async () => succeed(opened({ recipe: { ...recipe, vectors }, models })));
    await state().openRecipe();
    await state().retryModel("base");
    expect(state().vectors.map(({ base }) => base.model?.id)).toEqual(["found-b", undefined, "found-b"]);
    expect(isEdited(state())).toBe(false);
  });

  it("that is none changes nothing and is said", async () => {
    await state().openSamples();
    await settle();
    const { target, vectors, document } = state();
    await state().dropOnWindow([file("typo.yaml")]);
    expect(state()).toMatchObject({ target, document, recipeFailure: { code: "recipe-invalid" } });
    expect(state().vectors).toBe(vectors);
  });

  it("of mergekit has no file to save to, and says what is different", async () => {
    const notes = [{ where: "merge.yml:8:1", message: "int8_mask has no effect" }];
    studio.answer("openDroppedRecipe", async () => succeed(opened({ document: null, name: "merge.yml", notes })));
    await state().dropOnCard("chat", [file("merge.yml")]);
    expect(state()).toMatchObject({
      document: null,
      recipeNotes: { title: "merge.yml is a mergekit file", notes: ["merge.yml:8:1: int8_mask has no effect"] },
    });
    await state().saveRecipe({ as: false });
    expect(studio.argumentsOf("saveRecipe")).toMatchObject([{ documentId: null }]);
    expect(state().document?.name).toBe("saved.yaml");
  });

  it("over changes that are not saved waits for a word", async () => {
    await state().openRecipe();
    state().setScale(0.7);
    await state().openRecipe();
    expect(studio.argumentsOf("pickRecipe")).toHaveLength(1);
    await state().openOver("cancel");
    expect(studio.argumentsOf("pickRecipe")).toHaveLength(1);
    await state().openRecipe();
    studio.answer("saveRecipe", async () => fail({ code: "write-failed", what: "The disk is full" }));
    await state().openOver("save");
    expect(studio.argumentsOf("pickRecipe")).toHaveLength(1);
    await state().openRecipe();
    await state().openOver("discard");
    expect(studio.argumentsOf("pickRecipe")).toHaveLength(2);
    expect(state().vectors[0]?.scale).toBe(0.8);
  });

  it("cannot be saved while a model is not even named", async () => {
    await state().saveRecipe({ as: false });
    expect(state().recipeFailure?.what).toBe("There is no recipe to save yet");
    expect(studio.argumentsOf("saveRecipe")).toEqual([]);
  });
});
