import { idOfSlot } from "./model-slot.ts";
import type { ScaleRule } from "./scale-rule.ts";
import type { RecordedEdit } from "./studio-state.ts";

export const recordedKeys = ["target", "vectors", "decisions", "recipeRest", "output", "outputPicked"] as const;

export function recordEditOf(state: RecordedEdit): RecordedEdit {
  const { target, vectors, selectedVector, decisions, recipeRest, output, outputPicked } = state;
  return { target, vectors, selectedVector, decisions, recipeRest, output, outputPicked };
}

/** The ids of the models that stand on the cards. */
export function modelIdsOf({ target, vectors }: Pick<RecordedEdit, "target" | "vectors">): readonly string[] {
  const slots = [target, ...vectors.flatMap(({ chat, base }) => [chat, base])];
  return [...new Set(slots.flatMap(({ model }) => model?.id ?? []))];
}

/** The same text for states that describe the same merge: what is being opened, or typed and not understood, is no part of it. */
export function describeEdit(edit: RecordedEdit): string {
  return JSON.stringify(partsOf(edit));
}

/** What a change was about, and a key that further changes of the same thing share; null where each stands alone. */
export interface EditKind {
  readonly name: string;
  readonly mergeKey: string | null;
}

export function editKindOf(before: RecordedEdit, after: RecordedEdit): EditKind {
  const [old, now] = [partsOf(before), partsOf(after)];
  const differs = (one: unknown, other: unknown) => JSON.stringify(one) !== JSON.stringify(other);
  const models = ({ target, vectors }: ReturnType<typeof partsOf>) => [target, vectors.map(({ models }) => models)];
  if (old.vectors.length !== now.vectors.length) return { name: "vectors", mergeKey: null };
  if (old.vectors.some(({ id }, index) => id !== now.vectors[index]?.id))
    return { name: "order of vectors", mergeKey: null };
  if (differs(models(old), models(now))) return { name: "models", mergeKey: null };
  for (const [index, vector] of now.vectors.entries()) {
    const was = old.vectors[index];
    if (was === undefined) continue;
    const of = (name: string, key: string | null) => ({ name, mergeKey: key === null ? null : `${vector.id} ${key}` });
    if (was.scale !== vector.scale) return of("λ", "scale");
    if (differs(was.curve, vector.curve)) return of("λ by layer", "curve");
    if (differs(was.rules, vector.rules)) return of("rules", changedRule(was.rules, vector.rules));
    if (was.name !== vector.name) return of("name", "name");
    if (was.outside !== vector.outside) return of("λ outside the layers", null);
  }
  if (differs(old.decisions, now.decisions)) return { name: "decision", mergeKey: null };
  if (differs(old.rest, now.rest)) return { name: "output", mergeKey: null };
  return { name: "output folder", mergeKey: null };
}

function partsOf({ target, vectors, decisions, recipeRest, output, outputPicked }: RecordedEdit) {
  return {
    target: idOfSlot(target),
    vectors: vectors.map(({ id, givenName, chat, base, scale, outside, curve, rules }) => ({
      id,
      models: [idOfSlot(chat), idOfSlot(base)],
      name: givenName,
      scale,
      outside,
      curve,
      rules: rules.map(contentOfRule),
    })),
    decisions,
    rest: recipeRest,
    // A proposed folder follows the target.
    output: outputPicked ? (output?.path ?? null) : null,
  };
}

const ruleFields = ["tensors", "scale", "curve", "outside"] as const;
type RuleContent = Pick<ScaleRule, "id" | (typeof ruleFields)[number]>;

function contentOfRule({ id, tensors, scale, curve, outside }: ScaleRule): RuleContent {
  return { id, tensors, scale, curve, outside };
}

/** The one field of the one rule that differs; null where rules came, went or moved. */
function changedRule(old: readonly RuleContent[], now: readonly RuleContent[]): string | null {
  if (old.length !== now.length || old.some(({ id }, index) => id !== now[index]?.id)) return null;
  const changed = now.filter((rule, index) => JSON.stringify(rule) !== JSON.stringify(old[index]));
  const [only] = changed;
  if (only === undefined || changed.length > 1) return null;
  const was = old.find(({ id }) => id === only.id);
  return `${only.id} ${ruleFields.find((field) => JSON.stringify(was?.[field]) !== JSON.stringify(only[field]))}`;
}
