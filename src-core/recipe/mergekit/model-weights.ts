import { maximumCurveLength } from "../../limits.ts";
import { globMatches } from "../glob.ts";
import type { LayeredScale, Recipe, RecipeVector } from "../recipe.ts";
import { type Gradient, scaleGradient, sumGradients, unsigned } from "./gradient.ts";
import { type Condition, chain, combine, type Effort, type Setting } from "./setting.ts";

/** A tensor as λ sees it: the name in its file first, then others that it goes by. */
export interface NamedTensor {
  readonly names: readonly string[];
  readonly layer: number | null;
}

/** λ of a model inside the layers, and outside them. */
export interface ModelWeight {
  readonly inside: Gradient;
  readonly outside: number;
}

export interface WeightedModel {
  readonly model: string;
  readonly weight: Setting<ModelWeight>;
}

/** What the recipe's globs are as mergekit's filters, and those that are none. */
export interface WeightedModels {
  readonly models: readonly WeightedModel[];
  /** Globs that are tied to an end of the name; mergekit's letters fit anywhere. */
  readonly anchored: readonly string[];
  readonly obstacles: readonly string[];
}

/**
 * The recipe as a sum over models: target + Σ λ·(chat − base) is target + Σ λ·(chat − target) − Σ λ·(base − target), so chat
 * models weigh λ, base models −λ, and the target nothing. A model of several vectors has the sum.
 */
export function weighModels(recipe: Recipe, tensors: readonly NamedTensor[] | null, effort: Effort): WeightedModels {
  const anchored = new Set<string>();
  const obstacles: string[] = [];
  const terms = new Map<string, Setting<ModelWeight>[]>();
  for (const vector of recipe.vectors) {
    const setting = settingOf(vector, tensors, anchored, obstacles);
    for (const [model, sign] of [
      [vector.chat, 1],
      [vector.base, -1],
    ] as const) {
      if (model === recipe.target || vector.chat === vector.base) continue;
      const signed = setting.map(({ needles, value }) => ({ needles, value: scaled(value, sign) }));
      terms.set(model, [...(terms.get(model) ?? []), signed]);
    }
  }
  const models: WeightedModel[] = [];
  for (const [model, settings] of terms) {
    const weight = sumSettings(settings, effort);
    if (weight === null)
      obstacles.push(`${model} takes part in several vectors whose rules or curves do not add up to one setting`);
    else models.push({ model, weight });
  }
  return { models, anchored: [...anchored], obstacles };
}

function settingOf(
  vector: RecipeVector,
  tensors: readonly NamedTensor[] | null,
  anchored: Set<string>,
  obstacles: string[],
): Setting<ModelWeight> {
  const conditions = (vector.rules ?? []).flatMap((rule): Condition<ModelWeight>[] => {
    const filters = filtersOf(rule.tensors, tensors);
    if (filters === null) {
      obstacles.push(
        `the rule ${rule.tensors} of ${vector.name}: mergekit's filters are plain letters, without * or ? between them`,
      );
      return [];
    }
    if (!/^\*.*\*$|^\*$/.test(rule.tensors)) anchored.add(rule.tensors);
    return filters.map((filter) => ({ needles: filter === "" ? [] : [filter], value: weightOf(rule) }));
  });
  return chain([conditions, [{ needles: [], value: weightOf(vector) }]]);
}

/** Tensors that are named one by one where a glob is tied to an end of the name; with more, its letters have to tell them apart. */
const maximumNamedTensors = 4;

/** mergekit's filters for a glob: its letters, or the names that it fits. Null where it is more than letters between stars. */
function filtersOf(glob: string, tensors: readonly NamedTensor[] | null): readonly string[] | null {
  const isAnchored = !(glob.startsWith("*") && glob.endsWith("*"));
  if (isAnchored && tensors !== null) {
    const fitting = tensors.filter(({ names }) => names.some((name) => globMatches(glob, name)));
    if (fitting.length <= maximumNamedTensors) return fitting.flatMap(({ names: [name] }) => name ?? []);
  }
  // No name is empty.
  if (glob === "") return [];
  const letters = /^\**([^*?]*)\**$/.exec(glob)?.[1];
  return letters === undefined ? null : [letters];
}

function weightOf({ scale, curve = [1], outside = scale }: LayeredScale): ModelWeight {
  return { inside: scaleGradient(curve, scale), outside };
}

function scaled({ inside, outside }: ModelWeight, factor: number): ModelWeight {
  return { inside: scaleGradient(inside, factor), outside: unsigned(outside * factor) };
}

function sumSettings(settings: readonly Setting<ModelWeight>[], effort: Effort): Setting<ModelWeight> | null {
  const [only] = settings;
  if (settings.length === 1 && only !== undefined) return only;
  const combined = combine(settings, effort);
  if (combined === null) return null;
  const sums: Condition<ModelWeight>[] = [];
  for (const { needles, value } of combined) {
    const weights = value.filter((weight) => weight !== undefined);
    const inside = sumGradients(
      weights.map((weight) => weight.inside),
      maximumCurveLength,
    );
    if (inside === null) return null;
    sums.push({
      needles,
      value: { inside, outside: unsigned(weights.reduce((sum, { outside }) => sum + outside, 0)) },
    });
  }
  return sums;
}
