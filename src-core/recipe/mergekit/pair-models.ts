import { maximumCurveLength } from "../../limits.ts";
import { constantOf, type Gradient, scaleGradient, sumGradients } from "./gradient.ts";
import type { ImportedScale } from "./layered-scale.ts";
import type { ModelScale } from "./model-scales.ts";
import { combine, type Effort, type Setting } from "./setting.ts";

/** A chat vector: λ · (chat − base). */
export interface ImportedVector {
  readonly chat: string;
  readonly base: string;
  readonly scale: Setting<ImportedScale>;
}

/**
 * Task vectors on one base as chat vectors. Adding a model with a weight and another with its opposite,
 * base + w·(a − base) − w·(b − base), is base + w·(a − b): a chat vector on its own base, added to a target. So is one model that
 * takes away what all the others bring. What is left stands on the file's base model.
 */
export function pairModels(models: readonly ModelScale[], base: string, effort: Effort): readonly ImportedVector[] {
  const left = [...models];
  const vectors = new Map<string, ImportedVector>();
  for (const model of models) {
    if (!left.includes(model)) continue;
    const opposite = left.find((other) => other !== model && cancelOut([model, other], effort));
    if (opposite === undefined) continue;
    const [chat, taken] = isNegative(model) ? [opposite, model] : [model, opposite];
    vectors.set(chat.model, { chat: chat.model, base: taken.model, scale: chat.scale });
    left.splice(left.indexOf(model), 1);
    left.splice(left.indexOf(opposite), 1);
  }
  const shared = left.length > 2 && cancelOut(left, effort) ? oddOneOut(left) : null;
  for (const { model, scale } of left) {
    if (model !== shared?.model) vectors.set(model, { chat: model, base: shared?.model ?? base, scale });
  }
  return models.flatMap(({ model }) => vectors.get(model) ?? []);
}

/** Whether the models' λ sum to nothing for every name and depth, each of them being something for some name. */
function cancelOut(models: readonly ModelScale[], effort: Effort): boolean {
  const isSomething = ({ scale }: ModelScale) => scale.some(({ value }) => !isZero(value));
  if (!models.every(isSomething)) return false;
  const all = combine(
    models.map(({ scale }) => scale),
    effort,
  );
  if (all === null) return false;
  return all.every(({ value: scales }) => cancels(scales.filter((scale) => scale !== undefined)));
}

/** The only one that takes away, or the only one that brings. */
function oddOneOut(models: readonly ModelScale[]): ModelScale | null {
  const negative = models.filter(isNegative);
  if (negative.length === 1) return negative[0] ?? null;
  const positive = models.filter((model) => !isNegative(model));
  return positive.length === 1 ? (positive[0] ?? null) : null;
}

function cancels(scales: readonly ImportedScale[]): boolean {
  const inside = sumGradients(scales.map(insideOf), maximumCurveLength);
  if (inside === null) return false;
  const size = Math.max(
    ...scales.flatMap((scale) => insideOf(scale).map(Math.abs)),
    ...scales.map((scale) => Math.abs(outsideOf(scale))),
  );
  const sums = [
    ...inside,
    scales.reduce((sum, scale) => sum + outsideOf(scale), 0),
    scales.reduce((sum, scale) => sum + (scale.before ?? outsideOf(scale)), 0),
  ];
  return sums.every((sum) => Math.abs(sum) <= 1e-12 * size);
}

function insideOf({ scale, curve = [1] }: ImportedScale): Gradient {
  return scaleGradient(curve, scale);
}

function outsideOf({ scale, outside }: ImportedScale): number {
  return outside ?? scale;
}

function isZero(scale: ImportedScale): boolean {
  return constantOf(insideOf(scale)) === 0 && outsideOf(scale) === 0 && (scale.before ?? 0) === 0;
}

function isNegative({ scale }: ModelScale): boolean {
  const values = scale.flatMap(({ value }) => [...insideOf(value), outsideOf(value)]);
  return (values.find((value) => value !== 0) ?? 0) < 0;
}
