import { quoteName } from "../../checkpoint/quote.ts";
import { suggestWord } from "../suggest.ts";
import { describeLocated } from "../yaml/describe-located.ts";
import type { Located, LocatedMap } from "../yaml/locate.ts";
import type { MergekitSource } from "./mergekit-source.ts";

/** A text; null where it is empty, which to mergekit is the same as leaving it out. */
export function readText(
  located: Located,
  name: string,
  source: MergekitSource,
): { readonly text: string; readonly offset: number } | null {
  if (located.kind !== "scalar" || typeof located.value !== "string") {
    throw source.invalid(located, { what: `${name} is not valid`, expected: "text", actual: describeLocated(located) });
  }
  return located.value === "" ? null : { text: located.value, offset: located.offset };
}

/** `known` null: the keys are names that the file gives. */
export function requireMap(
  located: Located,
  name: string,
  known: readonly string[] | null,
  source: MergekitSource,
): LocatedMap {
  if (located.kind !== "map") {
    const expected = known === null ? "a mapping (name: value)" : `a mapping with ${known.slice(0, 3).join(", ")}`;
    throw source.invalid(located, { what: `${name} is not valid`, expected, actual: describeLocated(located) });
  }
  for (const [key, { keyOffset }] of located.entries) {
    if (known === null || known.includes(key)) continue;
    const suggestion = suggestWord(key, known);
    const hint = suggestion === null ? "" : `; did you mean ${suggestion}?`;
    source.note(keyOffset, `mergekit ignores the key ${quoteName(key)}${hint}`);
  }
  return located;
}

export function requireItems(located: Located, name: string, source: MergekitSource): readonly Located[] {
  if (located.kind === "list" && located.items.length > 0) return located.items;
  throw source.invalid(located, { what: `${name} is not valid`, expected: "a list", actual: describeLocated(located) });
}

export function required(map: LocatedMap, key: string, source: MergekitSource): Located {
  const value = entryOf(map, key);
  if (value !== null) return value;
  throw source.invalid(map, { what: `${key} is missing` });
}

export function optional<Value>(map: LocatedMap, key: string, read: (value: Located) => Value | null): Value | null {
  const value = entryOf(map, key);
  return value === null ? null : read(value);
}

/** Null is the same as nothing, as in mergekit. */
export function entryOf(map: LocatedMap, key: string): Located | null {
  const value = map.entries.get(key)?.value;
  return value === undefined || (value.kind === "scalar" && value.value === null) ? null : value;
}

export function isFilled(located: Located | null): boolean {
  if (located === null) return false;
  if (located.kind === "list") return located.items.length > 0;
  return located.kind === "scalar" || located.entries.size > 0;
}
