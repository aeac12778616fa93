import { formatScale } from "../format/format.ts";
import { presetCurve } from "../shape/layer-curve.ts";
import { layerCountOf } from "./measured.ts";
import { newRule, type ScaleRule, withScaleText } from "./scale-rule.ts";
import type { SliceTools } from "./slice.ts";
import type { ShapeSlice } from "./studio-state.ts";

export function createShapeSlice({ set, get }: SliceTools): ShapeSlice {
  let nextRule = 1;

  function changeRules(change: (rules: readonly ScaleRule[]) => readonly ScaleRule[]): void {
    set(({ rules }) => ({ rules: change(rules) }));
    get().replan();
  }
  const changeRule = (id: string, change: (rule: ScaleRule) => ScaleRule) =>
    changeRules((rules) => rules.map((rule) => (rule.id === id ? change(rule) : rule)));

  return {
    curve: null,
    rules: [],
    ruleToFocus: null,

    setCurve(points) {
      set({ curve: { points, layerCount: layerCountOf(get()) } });
      get().replan();
    },
    applyPreset(preset) {
      if (preset === "flat") return get().resetCurve();
      get().setCurve(presetCurve(preset, layerCountOf(get())));
    },
    resetCurve() {
      set({ curve: null });
      get().replan();
    },

    addRules(patterns, scale = get().scale) {
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
