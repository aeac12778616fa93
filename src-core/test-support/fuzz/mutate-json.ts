import type { Random } from "../../random.ts";
import { fromLatin1, latin1, type Mutator, pick, utf8AsLatin1 } from "./document.ts";

/** What may stand in a value's place. */
const values = [
  ..."0 1 8 -0 -1 1e3 1.5 1e9 100000 16777215 16777216 99999999999 9007199254740993 1e999 NaN -Infinity".split(" "),
  ...'"" "U8" "F4" "BF16" "\\ud800" "\\u0000" "\\u202e" "__proto__" "../x" "/etc/passwd" true false null [] {} [[]]'.split(
    " ",
  ),
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  "[[[[",
].map(utf8AsLatin1);

interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Changes of a JSON text that leave it close to JSON: values exchanged, wrapped, repeated, removed or named twice, numbers
 * moved. Works on damaged text too.
 */
export function mutateJson(furtherValues: readonly string[] = []): Mutator {
  const candidates = [...values, ...furtherValues.map(utf8AsLatin1)];
  return (bytes, random) => {
    const text = latin1(bytes);
    const spans = valueSpans(text);
    if (spans.length === 0) return fromLatin1(pick(random, candidates));
    const span = pick(random, spans);
    const old = text.slice(span.start, span.end);
    return fromLatin1(text.slice(0, span.start) + changed(old, text, spans, candidates, random) + text.slice(span.end));
  };
}

function changed(
  old: string,
  text: string,
  spans: readonly Span[],
  candidates: readonly string[],
  random: Random,
): string {
  const other = pick(random, spans);
  switch (random.integer(9)) {
    case 0:
      return text.slice(other.start, other.end);
    case 1:
      return nested(old, random);
    case 2:
      return Array<string>(2 + random.integer(Math.min(200, 20_000 / (old.length + 1))))
        .fill(old)
        .join(",");
    case 3:
      return old.startsWith("{") ? `${old.slice(0, -1)},${old.slice(1)}` : `${old},${old}`;
    case 4:
      return old.startsWith("{") || old.startsWith("[") ? old.slice(1, -1) : "";
    case 5:
      return movedNumber(old, random);
    default:
      return pick(random, candidates);
  }
}

function nested(old: string, random: Random): string {
  const depth = pick(random, [1, 2, 63, 64, 65, 1000, 20_000]);
  return random.integer(2) === 0
    ? "[".repeat(depth) + old + "]".repeat(depth)
    : '{"a":'.repeat(depth) + old + "}".repeat(depth);
}

function movedNumber(old: string, random: Random): string {
  const number = Number(old);
  if (Number.isNaN(number))
    return `${old.slice(0, -1)}${pick(random, ["\\u0000", "\\u001b[2J", "é", "\\", ""])}${old.slice(-1)}`;
  return String(pick(random, [number + 1, number - 1, number * 2, -number, number * 1e6, number + 0.5]));
}

/** Every string, number, word, list and object, keys too; a bracket without its partner is passed over. */
function valueSpans(text: string): Span[] {
  const spans: Span[] = [];
  const open: number[] = [];
  for (const match of text.matchAll(/"(?:[^"\\]|\\.)*"|[\w.+-]+|[[\]{}]/gs)) {
    const [token] = match;
    if (token === "[" || token === "{") open.push(match.index);
    else if (token === "]" || token === "}") {
      const start = open.pop();
      if (start !== undefined) spans.push({ start, end: match.index + 1 });
    } else spans.push({ start: match.index, end: match.index + token.length });
  }
  return spans;
}
