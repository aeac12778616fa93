import { formatScale } from "../format/format.ts";
import { presetCurve } from "../shape/layer-curve.ts";
import type { EditedVector } from "./edited-vector.ts";
import { layerCountOf } from "./measured.ts";
import { newRule, type ScaleRule, withScaleText } from "./scale-rule.ts";
import { shapedRuleOf } from "./shaped.ts";
import type { SliceTools } from "./slice.ts";
import type { ShapeSlice } from "./studio-state.ts";
import { selectedVectorOf, withVector } from "./vectors.ts";

export function createShapeSlice({ set, get }: SliceTools): ShapeSlice {
  let nextRule = 1;

  function changeVector(change: Partial<EditedVector>): void {
    set((state) => withVector(state, selectedVectorOf(state).id, change));
    get().replan();
  }
  const changeRules = (change: (rules: readonly ScaleRule[]) => readonly ScaleRule[]) =>
    changeVector({ rules: change(selectedVectorOf(get()).rules) });
  const changeRule = (id: string, change: (rule: ScaleRule) => ScaleRule) =>
    changeRules((rules) => rules.map((rule) => (rule.id === id ? change(rule) : rule)));

  /** The vector, or the rule that is edited. */
  function changeShaped(change: Partial<Pick<EditedVector, "curve" | "outside">>): void {
    const rule = shapedRuleOf(get());
    if (rule === null) changeVector(change);
    else changeRule(rule.id, (present) => ({ ...present, ...change }));
  }

  return {
    ruleToFocus: null,

    shapedRule: null,
    shapeRule: (shapedRule) => set({ shapedRule }),

    setCurve(points) {
      changeShaped({ curve: { points, layerCount: layerCountOf(get()) } });
    },
    applyPreset(preset) {
      if (preset === "flat") return get().resetCurve();
      get().setCurve(presetCurve(preset, layerCountOf(get())));
    },
    resetCurve: () => changeShaped({ curve: null }),
    setOutside: (outside) => changeShaped({ outside }),
    resetOutside: () => changeVector({ outside: null }),

    addRules(patterns, scale = selectedVectorOf(get()).scale) {
      const added = patterns.map((tensors) => newRule(`rule-${nextRule++}`, tensors, scale));
      const places = new Set(patterns);
      // A rule for the same tensors would never hold behind the new one.
      changeRules((rules) => [...added, ...rules.filter(({ tensors }) => tensors === "" || !places.has(tensors))]);
      const [first] = added;
      if (first !== undefined)
        set({ ruleToFocus: { id: first.id, field: first.tensors === "" ? "pattern" : "scale" } });
    },
    ruleFocused: () => set({ ruleToFocus: null }),
    changeRulePattern: (id, tensors) => changeRule(id, (rule) => ({ ...rule, tensors })),
    typeRuleScale: (id, text) => changeRule(id, (rule) => withScaleText(rule, text)),
    restoreRuleScaleText: (id) =>
      changeRule(id, (rule) => ({ ...rule, scaleText: formatScale(rule.scale), scaleError: null })),
    removeRule: (id) => changeRules((rules) => rules.filter((rule) => rule.id !== id)),
    moveRule(id, places) {
      changeRules((rules) => {
        const from = rules.findIndex((rule) => rule.id === id);
        const rule = rules[from];
        if (rule === undefined) return rules;
        const others = rules.filter((other) => other !== rule);
        const to = Math.min(Math.max(from + places, 0), others.length);
        return [...others.slice(0, to), rule, ...others.slice(to)];
      });
    },
  };
}
