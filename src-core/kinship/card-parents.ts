import { parse } from "yaml";
import { maximumNameLength, maximumParentCount } from "../limits.ts";
import type { CardRelation, Parent } from "./model-kinship.ts";

/** A list of as many names as are taken has a tenth of it. */
const maximumEntryLength = 16_384;

const relations: readonly unknown[] = ["adapter", "merge"] satisfies CardRelation[];

/**
 * What a model card (README.md as the Hugging Face Hub has it) names as `base_model` in its front matter, in order, with what
 * `base_model_relation` says of it. Empty where it has none, or something else: a card is written by people and is never a reason
 * to refuse a model. What a quantised model names is that same model with more bits, and none that it was made of.
 */
export function cardParents(text: string): readonly Parent[] {
  const header = /^\uFEFF?---\r?\n([\s\S]{0,65536}?)\r?\n---/.exec(text)?.[1];
  if (header === undefined) return [];
  const value = entryValue(header, "base_model");
  const names: readonly unknown[] = Array.isArray(value) ? (value as unknown[]) : [value];
  const relation = entryValue(header, "base_model_relation");
  if (relation === "quantized") return [];
  return names
    .filter(isName)
    .slice(0, maximumParentCount)
    .map((name) => ({ name, saidBy: "card", ...(isRelation(relation) ? { relation } : {}) }));
}

/** Null where the key is not there, or not to be read. */
function entryValue(header: string, key: string): unknown {
  // Of the front matter this entry alone is parsed: results of evaluations in it may be long and odd.
  const entry = entryOf(header, key);
  if (entry === null) return null;
  try {
    const fields: unknown = parse(entry, { maxAliasCount: 0, logLevel: "silent" });
    return typeof fields === "object" && fields !== null ? ((fields as Record<string, unknown>)[key] ?? null) : null;
  } catch {
    return null;
  }
}

function isRelation(value: unknown): value is Exclude<CardRelation, "quantized"> {
  return relations.includes(value);
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
