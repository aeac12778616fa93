import { parse } from "yaml";
import { maximumNameLength, maximumParentCount } from "../limits.ts";

/** A list of as many names as are taken has a tenth of it. */
const maximumEntryLength = 16_384;

/**
 * What a model card (README.md as the Hugging Face Hub has it) names as `base_model` in its front matter, in order. Empty where it
 * has none, or something else: a card is written by people and is never a reason to refuse a model.
 */
export function cardParents(text: string): readonly string[] {
  const header = /^\uFEFF?---\r?\n([\s\S]{0,65536}?)\r?\n---/.exec(text)?.[1];
  // Of the front matter this entry alone is parsed: results of evaluations in it may be long and odd.
  const entry = header === undefined ? null : entryOf(header, "base_model");
  if (entry === null) return [];
  try {
    const fields: unknown = parse(entry, { maxAliasCount: 0, logLevel: "silent" });
    const value = typeof fields === "object" && fields !== null && "base_model" in fields ? fields.base_model : null;
    const names: readonly unknown[] = Array.isArray(value) ? (value as unknown[]) : [value];
    return names.filter(isName).slice(0, maximumParentCount);
  } catch {
    return [];
  }
}

/** "key: …" with the lines that go on with it: indented ones, and the items of a list. */
function entryOf(header: string, key: string): string | null {
  const lines = header.split(/\r?\n/);
  const start = lines.findIndex((line) => line.startsWith(`${key}:`));
  if (start < 0) return null;
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => line.trim() !== "" && !/^(\s|- )/.test(line));
  const entry = [lines[start], ...(end < 0 ? rest : rest.slice(0, end))].join("\n");
  return entry.length > maximumEntryLength ? null : entry;
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "" && value.length <= maximumNameLength;
}
