import { quoteName } from "../../checkpoint/quote.ts";
import { maximumCurveLength, maximumNameLength, maximumRuleCount, maximumScale, minimumScale } from "../../limits.ts";
import { describeLocated } from "../yaml/describe-located.ts";
import type { Located, LocatedList } from "../yaml/locate.ts";
import type { Gradient } from "./gradient.ts";
import type { MergekitSource } from "./mergekit-source.ts";
import { always, type Condition, chain, type Setting } from "./setting.ts";

/**
 * A parameter's value: a number, a gradient, or a list of {filter, value} of which the first fitting one counts. `name` is
 * for messages. Throws `recipe-invalid` for what mergekit would not take.
 */
export function readSetting(located: Located, name: string, source: MergekitSource): Setting<Gradient> {
  const known = source.settings.get(located);
  if (known !== undefined) return known;
  const setting = readAnew(located, name, source);
  source.settings.set(located, setting);
  return setting;
}

function readAnew(located: Located, name: string, source: MergekitSource): Setting<Gradient> {
  if (located.kind === "list" && located.items.some(({ kind }) => kind !== "scalar")) {
    return readConditions(located, name, source);
  }
  if (located.kind === "map") {
    throw source.invalid(located, {
      what: `mergekit takes no single {filter, value} for ${name}`,
      expected: "a number, a list of numbers, or a list of {filter, value}",
      advice: "Put “- ” in front of it",
    });
  }
  return always(readGradient(located, name, source));
}

function readConditions(list: LocatedList, name: string, source: MergekitSource): Setting<Gradient> {
  if (list.items.length > maximumRuleCount) {
    const what = `${name} has more conditions than a recipe can have rules`;
    throw source.inexpressible(list, { what, expected: `at most ${maximumRuleCount}`, actual: `${list.items.length}` });
  }
  return chain(list.items.map((item) => readCondition(item, name, source)));
}

function readCondition(item: Located, name: string, source: MergekitSource): Setting<Gradient> {
  const value = item.kind === "map" ? item.entries.get("value")?.value : undefined;
  if (item.kind !== "map" || value === undefined) {
    const actual = describeLocated(item);
    throw source.invalid(item, {
      what: `a condition of ${name} has no value`,
      expected: "{filter: mlp, value: 0.5}",
      actual,
    });
  }
  for (const [key, { keyOffset }] of item.entries) {
    if (key !== "value" && key !== "filter")
      source.note(keyOffset, `mergekit ignores ${quoteName(key)} beside a filter`);
  }
  const needles = readFilter(item.entries.get("filter")?.value, source);
  const gradient = readGradient(value, name, source);
  return needles === null ? [] : [{ needles, value: gradient } satisfies Condition<Gradient>];
}

/** mergekit looks for the filter's letters anywhere in a tensor's name; nothing, "" and "*" alone fit every name. Null: fits none. */
function readFilter(located: Located | undefined, source: MergekitSource): readonly string[] | null {
  if (located === undefined || (located.kind === "scalar" && located.value === null)) return [];
  if (located.kind !== "scalar" || typeof located.value !== "string" || located.value.length > maximumNameLength) {
    const expected = "part of a tensor's name, as text";
    throw source.invalid(located, { what: "a filter is not valid", expected, actual: describeLocated(located) });
  }
  const filter = located.value;
  if (filter === "" || filter === "*") return [];
  if (!/[*?]/.test(filter)) return [filter];
  source.note(
    located,
    `mergekit takes the filter ${quoteName(filter)} letter by letter, and no tensor's name has it: it has no effect`,
  );
  return null;
}

function readGradient(located: Located, name: string, source: MergekitSource): Gradient {
  if (located.kind !== "list") return [readNumber(located, name, source)];
  if (located.items.length === 0) {
    throw source.invalid(located, { what: `${name} is an empty list`, expected: "a number or a list of numbers" });
  }
  if (located.items.length > maximumCurveLength) {
    const what = `the gradient of ${name} has more values than a curve can have`;
    const actual = `${located.items.length}`;
    throw source.inexpressible(located, { what, expected: `at most ${maximumCurveLength}`, actual });
  }
  return located.items.map((item) => readNumber(item, name, source));
}

/** As mergekit reads numbers: true is 1, and a text that spells a number is one ("1e-1" is text to its YAML). NaN is none. */
function readNumber(located: Located, name: string, source: MergekitSource): number {
  const value = located.kind === "scalar" ? located.value : null;
  const isSpelled = typeof value === "string" && /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(value);
  const number = typeof value === "number" || typeof value === "boolean" || isSpelled ? Number(value) : Number.NaN;
  const expected = `a number from −${maximumScale} to ${maximumScale}`;
  const actual = describeLocated(located);
  if (Number.isNaN(number)) throw source.invalid(located, { what: `${name} is not valid`, expected, actual });
  if (Math.abs(number) > maximumScale) {
    throw source.inexpressible(located, { what: `${name} is beyond what λ can be`, expected, actual });
  }
  if (number !== 0 && Math.abs(number) < minimumScale) {
    source.note(located, `${name} ${number} is too small to change an f32 and counts as 0`);
  }
  return number;
}
