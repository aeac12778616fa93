import { quoteName } from "../../checkpoint/quote.ts";
import type { Located } from "./locate.ts";

/** What stands there, for a message: `text "abc"`, `the number 5`, `a list of 3`, `nothing`. */
export function describeLocated(located: Located): string {
  if (located.kind === "list")
    return located.items.length === 0 ? "an empty list" : `a list of ${located.items.length}`;
  if (located.kind === "map") return "a mapping (name: value)";
  const { value } = located;
  if (value === null) return "nothing";
  if (typeof value === "string") return value === "" ? "an empty text" : `the text ${quoteName(value)}`;
  return typeof value === "number" ? `the number ${value}` : String(value);
}
