import { beforeEach, describe, expect, it, vi } from "vitest";
import type { RecipeInput } from "../../../src-core/recipe/recipe.ts";
import { exportBlocker } from "./export-blocker.ts";
import { replanDelayMs } from "./plan-slice.ts";
import { editedRule, usableRules } from "./scale-rule.ts";
import { shapedRuleOf } from "./shaped.ts";
import { createStudioStore, type StudioStore } from "./studio-store.ts";
import { createFakeStudio, type FakeStudio, planRow, planSummary, succeed } from "./testing/fake-studio.ts";
import { selectedVectorOf } from "./vectors.ts";

let studio: FakeStudio;
let store: StudioStore;
const state = () => store.getState();
const layers = (count: number) =>
  Array.from({ length: count }, (_, layer) => planRow(`layers.${layer}.mlp.up_proj.weight`, { layer }));
const lastVector = () => (studio.argumentsOf("plan").at(-1) as RecipeInput).vectors[0];
const settle = () => vi.advanceTimersByTimeAsync(2 * replanDelayMs);

beforeEach(async () => {
  vi.useFakeTimers();
  studio = createFakeStudio();
  studio.answer("plan", async () => succeed(planSummary({ rows: layers(5) })));
  store = createStudioStore(studio);
  await state().openSamples();
  await settle();
  return () => vi.useRealTimers();
});

describe("the curve", () => {
  it("goes into the recipe with a value for each layer", async () => {
    state().applyPreset("ramp up");
    await settle();
    expect(lastVector()?.curve).toEqual([0, 0.25, 0.5, 0.75, 1]);
  });

  it("is left out of the recipe while it is level at 1", async () => {
    state().setCurve([
      { layer: 0, factor: 1 },
      { layer: 4, factor: 1 },
    ]);
    await settle();
    expect(lastVector()).not.toHaveProperty("curve");
    state().applyPreset("ends");
    state().applyPreset("flat");
    expect(selectedVectorOf(state()).curve).toBeNull();
  });

  it("is stretched over another model's layers", async () => {
    state().applyPreset("ramp up");
    studio.answer("plan", async () => succeed(planSummary({ rows: layers(3) })));
    await state().openSamples();
    await settle();
    expect(lastVector()?.curve).toEqual([0, 0.5, 1]);
  });
});

describe("rules", () => {
  it("go into the recipe, the newest first, since the first that matches holds", async () => {
    state().setScale(0.4);
    state().addRules(["*norm*"], 0);
    state().addRules(["*mlp*"]);
    await settle();
    expect(lastVector()?.rules).toEqual([
      { tensors: "*mlp*", scale: 0.4 },
      { tensors: "*norm*", scale: 0 },
    ]);
  });

  it("ask for the focus in the field that wants filling", () => {
    state().addRules([""]);
    expect(state().ruleToFocus?.field).toBe("pattern");
    state().addRules(["*"]);
    expect(state().ruleToFocus).toEqual({ id: selectedVectorOf(state()).rules[0]?.id, field: "scale" });
    state().ruleFocused();
    expect(state().ruleToFocus).toBeNull();
  });

  it("for the same tensors replace each other", () => {
    state().addRules(["*mlp*"], 0.1);
    state().addRules(["*mlp*"], 0.2);
    expect(selectedVectorOf(state()).rules.map(({ tensors, scale }) => [tensors, scale])).toEqual([["*mlp*", 0.2]]);
  });

  it("without a pattern take no part", async () => {
    state().addRules([""]);
    await settle();
    expect(lastVector()).not.toHaveProperty("rules");
    state().changeRulePattern(selectedVectorOf(state()).rules[0]?.id ?? "", " *norm* ");
    await settle();
    expect(lastVector()?.rules).toEqual([{ tensors: "*norm*", scale: 1 }]);
  });

  it("keep their λ while something else is typed, and hold the export back", () => {
    state().addRules(["*"], 0.5);
    const id = selectedVectorOf(state()).rules[0]?.id ?? "";
    state().typeRuleScale(id, "0,7");
    expect(selectedVectorOf(state()).rules[0]).toMatchObject({ scale: 0.7, scaleError: null });
    state().typeRuleScale(id, "x");
    expect(selectedVectorOf(state()).rules[0]).toMatchObject({ scale: 0.7, scaleText: "x" });
    expect(exportBlocker(state())).toBe("A rule’s λ is not a number that can be used");
    state().restoreRuleScaleText(id);
    expect(selectedVectorOf(state()).rules[0]).toMatchObject({ scaleText: "0.70", scaleError: null });
    expect(exportBlocker(state())).toBeNull();
  });

  it("move and go", () => {
    state().addRules(["a", "b", "c"]);
    const order = () =>
      selectedVectorOf(state())
        .rules.map(({ tensors }) => tensors)
        .join("");
    const id = (tensors: string) => selectedVectorOf(state()).rules.find((rule) => rule.tensors === tensors)?.id ?? "";
    state().moveRule(id("c"), -1);
    expect(order()).toBe("acb");
    state().moveRule(id("a"), 9);
    expect(order()).toBe("cba");
    state().removeRule(id("b"));
    expect(order()).toBe("ca");
  });
});

describe("the curve of a rule", () => {
  const ruleId = (index = 0) => selectedVectorOf(state()).rules[index]?.id ?? "";

  it("is edited in place of the vector's, with its λ outside the layers, until the vector's is wanted again", async () => {
    state().addRules(["*mlp*"], 0.8);
    state().shapeRule(ruleId());
    state().applyPreset("ramp up");
    state().setOutside(0.2);
    await settle();
    expect(lastVector()).not.toHaveProperty("curve");
    expect(lastVector()?.rules).toEqual([
      { tensors: "*mlp*", scale: 0.8, curve: [0, 0.25, 0.5, 0.75, 1], outside: 0.2 },
    ]);
    state().shapeRule(null);
    state().applyPreset("ramp down");
    state().setOutside(0.5);
    await settle();
    expect(lastVector()).toMatchObject({ curve: [1, 0.75, 0.5, 0.25, 0], outside: 0.5 });
    state().shapeRule(ruleId());
    state().resetCurve();
    state().setOutside(null);
    await settle();
    expect(lastVector()?.rules).toEqual([{ tensors: "*mlp*", scale: 0.8 }]);
  });

  it("of a rule that is gone, or of another vector's, is the vector's own", async () => {
    state().addRules(["*mlp*"]);
    state().shapeRule(ruleId());
    await settle();
    state().removeRule(ruleId());
    await settle();
    state().applyPreset("ramp up");
    expect(selectedVectorOf(state()).curve).not.toBeNull();
    await settle();
    await state().undo();
    await state().undo();
    // The rule is back, and so is what was edited.
    expect(shapedRuleOf(state())?.tensors).toBe("*mlp*");
    state().addVector();
    expect(shapedRuleOf(state())).toBeNull();
  });

  it("is one step to undo for each drag, and is stretched over another model's layers", async () => {
    state().addRules(["*mlp*"], 1);
    state().shapeRule(ruleId());
    await vi.advanceTimersByTimeAsync(2000);
    state().holdEdit(true);
    for (const factor of [0.9, 0.7, 0.5]) {
      state().setCurve([
        { layer: 0, factor },
        { layer: 4, factor: 1 },
      ]);
      await vi.advanceTimersByTimeAsync(1);
    }
    state().holdEdit(false);
    expect(state().past.at(-1)?.name).toBe("rules");
    studio.answer("plan", async () => succeed(planSummary({ rows: layers(3) })));
    state().setScale(0.5);
    await settle();
    await settle();
    expect(lastVector()?.rules?.[0]?.curve).toEqual([0.5, 0.75, 1]);
    await state().undo();
    await state().undo();
    expect(selectedVectorOf(state()).rules[0]?.curve).toBeNull();
  });

  it("that a recipe has is kept as it is written until somebody changes it", async () => {
    const rule = { tensors: "*mlp*", scale: 1, curve: [0, 1], outside: 0 };
    expect(usableRules([editedRule("a", rule)], 5)).toEqual([rule]);
    expect(usableRules([editedRule("a", { tensors: "*", scale: 2 })], 5)).toEqual([{ tensors: "*", scale: 2 }]);
  });
});
