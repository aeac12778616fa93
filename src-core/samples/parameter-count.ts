import { StudioError } from "../errors.ts";

const multipliers: Readonly<Record<string, number>> = { "": 1, K: 1e3, M: 1e6, B: 1e9, G: 1e9, T: 1e12 };

/** Less leaves no room for an embedding of every byte and a few layers. */
const minimumParameters = 100_000;
/** More than any model has: what lies above is a slip of the keyboard. */
const maximumParameters = 10e12;

/**
 * A number of parameters as model names write it: "1.1B", "350M", "70b", "1000000".
 * Throws a StudioError `usage` when the text is none, or the number is not within what samples are made for.
 */
export function parseParameterCount(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s?([kmbgt]?)$/i.exec(text.trim());
  const multiplier = multipliers[match?.[2]?.toUpperCase() ?? ""] ?? 1;
  const count = match?.[1] === undefined ? Number.NaN : Math.round(Number(match[1]) * multiplier);
  if (Number.isNaN(count)) {
    throw new StudioError({
      code: "usage",
      what: "Not a number of parameters",
      expected: 'a number with K, M, B or T, such as "1.1B" or "350M"',
      actual: JSON.stringify(text),
    });
  }
  requireParameterCount(count);
  return count;
}

/** Throws a StudioError `usage` for a count that samples are not made for. */
export function requireParameterCount(count: number): void {
  if (count >= minimumParameters && count <= maximumParameters) return;
  throw new StudioError({
    code: "usage",
    what: "No sample model has this number of parameters",
    expected: "from 100K to 10T",
    actual: String(count),
  });
}
