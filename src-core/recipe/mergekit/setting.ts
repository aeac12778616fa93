/** A value for the tensors whose name contains every one of `needles`. */
export interface Condition<Value> {
  readonly needles: readonly string[];
  readonly value: Value;
}

/**
 * A parameter of mergekit's: the first condition that a tensor's name meets gives its value; a name that meets none has none.
 * Nothing stands after a condition without needles, which all names meet.
 */
export type Setting<Value> = readonly Condition<Value>[];

export function always<Value>(value: Value): Setting<Value> {
  return [{ needles: [], value }];
}

/** Settings one after the other: the later speaks where the earlier is silent. */
export function chain<Value>(settings: readonly Setting<Value>[]): Setting<Value> {
  const conditions = settings.flat();
  const end = conditions.findIndex(({ needles }) => needles.length === 0);
  return end < 0 ? conditions : conditions.slice(0, end + 1);
}

export function valueFor<Value>(setting: Setting<Value>, name: string): Value | undefined {
  return setting.find(({ needles }) => needles.every((needle) => name.includes(needle)))?.value;
}

export function mapSetting<From, To>(setting: Setting<From>, map: (value: From) => To): Setting<To> {
  return setting.map(({ needles, value }) => ({ needles, value: map(value) }));
}

/** Bounds the work that one file can make: its conditions are compared with each other, and may multiply. */
export class Effort {
  /** Comparisons; a file with 1000 conditions takes a million, which is a tenth of a second. */
  #left = 4_000_000;

  /** Whether there was as much left. */
  spend(comparisons: number): boolean {
    this.#left -= comparisons;
    return this.#left >= 0;
  }
}

/**
 * The setting of which each name gets the values that it gets from all of them; undefined of those that have none for it. Null
 * when the conditions are too many to be told apart.
 */
export function combine<Value>(
  settings: readonly Setting<Value>[],
  effort: Effort,
): Setting<readonly (Value | undefined)[]> | null {
  let combined: Setting<Chosen<Value> | null> = always(null);
  for (const setting of settings) {
    const total = isTotal(setting) ? setting : [...setting, { needles: [], value: undefined }];
    const productLength = combined.length * total.length;
    if (!effort.spend(productLength * Math.max(combined.length, total.length))) return null;
    // In this order the first pair that a name meets is its first in both.
    combined = withoutShadowed(
      combined.flatMap((outer) =>
        total.map((inner) => ({
          needles: simplify([...outer.needles, ...inner.needles]),
          value: { value: inner.value, before: outer.value },
        })),
      ),
    );
  }
  return mapSetting(combined, listChosen);
}

/** The values of the settings so far, last first: of a thousand settings, each step adds one. */
interface Chosen<Value> {
  readonly value: Value | undefined;
  readonly before: Chosen<Value> | null;
}

function listChosen<Value>(last: Chosen<Value> | null): readonly (Value | undefined)[] {
  const values: (Value | undefined)[] = [];
  for (let at = last; at !== null; at = at.before) values.push(at.value);
  return values.reverse();
}

export function isTotal<Value>(setting: Setting<Value>): boolean {
  return setting.at(-1)?.needles.length === 0;
}

/** Drops conditions that an earlier one always forestalls. */
function withoutShadowed<Value>(conditions: readonly Condition<Value>[]): Setting<Value> {
  const kept: Condition<Value>[] = [];
  for (const condition of conditions) {
    const isShadowed = kept.some(({ needles }) => implies(condition.needles, needles));
    if (!isShadowed) kept.push(condition);
  }
  return kept;
}

/** Whether a name that contains all of `a` cannot but contain all of `b`. */
function implies(a: readonly string[], b: readonly string[]): boolean {
  return b.every((needle) => a.some((other) => other.includes(needle)));
}

/** The same demand in fewer needles: one that is part of another says nothing. */
function simplify(needles: readonly string[]): readonly string[] {
  const distinct = [...new Set(needles)];
  return distinct.filter((needle) => !distinct.some((other) => other !== needle && other.includes(needle)));
}

/**
 * Globs that together match exactly the names that contain every needle: none for none; in either order, and overlapping, for two. Null for
 * three and more, whose orders and overlaps are too many to write down.
 */
export function globsOf(needles: readonly string[]): readonly string[] | null {
  const [a, b, ...more] = needles;
  if (a === undefined) return ["*"];
  if (b === undefined) return [`*${a}*`];
  if (more.length > 0) return null;
  return [`*${a}*${b}*`, `*${b}*${a}*`, ...overlaps(a, b), ...overlaps(b, a)];
}

/** "self_attn.q" and "q_proj" also meet in "self_attn.q_proj". */
function overlaps(a: string, b: string): string[] {
  const globs: string[] = [];
  for (let length = 1; length < Math.min(a.length, b.length); length++) {
    if (a.endsWith(b.slice(0, length))) globs.push(`*${a}${b.slice(length)}*`);
  }
  return globs;
}
