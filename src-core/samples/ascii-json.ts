import { asciiJsonString } from "../checkpoint/utf8.ts";

/** JSON in ASCII alone, two spaces deep, with a final newline: its length in characters is its length in bytes. */
export function asciiJson(value: unknown): string {
  // Only strings hold anything beyond ASCII, and within them an escape means the same.
  const text = JSON.stringify(value, null, 2).replace(/[\u007f-\uffff]/g, (unit) => asciiJsonString(unit).slice(1, -1));
  return `${text}\n`;
}
