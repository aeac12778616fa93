import { shownLines } from "../../src-core/checkpoint/quote.ts";

/**
 * Text for a terminal: names in it come from files, and must neither steer the terminal nor turn the writing's direction. Line
 * ends and tabs stay. JSON keeps its meaning: it has such characters in strings alone, where they can be written as \uXXXX.
 */
export function terminalText(text: string): string {
  if (/^[\n\t\x20-\x7e]*$/.test(text)) return text;
  return /^[[{]/.test(text) && isJson(text) ? escapedJson(text) : shownLines(text);
}

function escapedJson(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    character === "\n" || character === "\t" ? character : Array.from(unitsOf(character), escaped).join(""),
  );
}

function* unitsOf(character: string): Generator<number> {
  for (let unit = 0; unit < character.length; unit++) yield character.charCodeAt(unit);
}

function escaped(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, "0")}`;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
