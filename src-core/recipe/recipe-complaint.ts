import type { z } from "zod";
import { quoteName } from "../checkpoint/quote.ts";
import { expectations, synonyms } from "./recipe-words.ts";
import { suggestWord } from "./suggest.ts";
import { describeLocated } from "./yaml/describe-located.ts";
import type { Located } from "./yaml/locate.ts";
import type { YamlSource } from "./yaml/yaml-source.ts";

type Path = readonly PropertyKey[];

/** Of all that is wrong, what stands first in the file; what is missing only where nothing is, for a misspelt key is both. */
export function recipeComplaint(issues: readonly z.core.$ZodIssue[], root: Located, source: YamlSource): Error {
  const complaints = issues.map((issue) => complaintOf(issue, root));
  const present = complaints.filter(({ isMissing }) => !isMissing);
  const candidates = present.length > 0 ? present : complaints;
  const first = candidates.reduce((a, b) => (b.offset < a.offset ? b : a));
  const { offset, isMissing: _, ...complaint } = first;
  return source.invalid(offset, complaint);
}

interface PlacedComplaint {
  readonly offset: number;
  readonly isMissing: boolean;
  readonly what: string;
  readonly expected?: string;
  readonly actual?: string;
  readonly advice?: string;
}

function complaintOf(issue: z.core.$ZodIssue, root: Located): PlacedComplaint {
  if (issue.code === "unrecognized_keys") return unknownKey(issue.path, issue.keys[0] ?? "", root);
  const { found, parent } = follow(root, issue.path);
  const name = nameOf(issue.path);
  const expected = expectations[patternOf(issue.path)];
  if (expected === undefined) throw new Error(`no words for what ${patternOf(issue.path)} takes`);
  if (found === null) return { offset: parent.offset, isMissing: true, what: `${name} is missing`, expected };
  const advice = found.kind === "scalar" ? choiceAdvice(issue, found.value) : null;
  const what = `${name} is not valid`;
  return {
    offset: found.offset,
    isMissing: false,
    what,
    expected,
    actual: describeLocated(found),
    ...(advice === null ? {} : { advice }),
  };
}

function unknownKey(path: Path, key: string, root: Located): PlacedComplaint {
  const { found } = follow(root, path);
  if (found?.kind === "map" && path.length === 0 && isForeign(found)) return foreignFile(found.offset);
  if (found?.kind !== "map") throw new Error("an unknown key outside a mapping");
  const pattern = patternOf(path);
  const known = Object.keys(expectations).flatMap((entry) => childOf(entry, pattern));
  const isMergekit = path.length === 0 && found.entries.has("merge_method");
  const advice = isMergekit ? "This is a mergekit file: import it as one" : keyAdvice(key, known);
  return {
    offset: found.entries.get(key)?.keyOffset ?? found.offset,
    isMissing: false,
    what: `${path.length === 0 ? "a recipe" : nameOf(path)} has no key ${quoteName(key)}`,
    expected: known.join(", "),
    ...(advice === null ? {} : { advice }),
  };
}

/** Another program's file: not one of its keys is a recipe's, or is nearly one. */
function isForeign(root: Extract<Located, { kind: "map" }>): boolean {
  const known = Object.keys(expectations).flatMap((entry) => childOf(entry, ""));
  const keys = [...root.entries.keys()];
  return !keys.some((key) => known.includes(key) || key === "merge_method" || keyAdvice(key, known) !== null);
}

function foreignFile(offset: number): PlacedComplaint {
  return {
    offset,
    isMissing: false,
    what: "this is not a recipe",
    expected: "version, target and vectors",
    advice: "Choose a recipe, or a mergekit file with merge_method: task_arithmetic",
  };
}

function keyAdvice(key: string, known: readonly string[]): string | null {
  const synonym = synonyms.get(key.toLowerCase());
  const suggestion = suggestWord(key, known) ?? (synonym !== undefined && known.includes(synonym) ? synonym : null);
  if (suggestion !== null) return `Did you mean ${suggestion}?`;
  const elsewhere = Object.keys(expectations).find((entry) => entry.endsWith(`.${synonym ?? key}`));
  if (elsewhere === undefined) return null;
  const parts = elsewhere.split(".").filter((part) => part !== "*");
  return `${parts.at(-1)} belongs under ${parts.at(-2)}`;
}

/** What stands at a path, or null where it ends before; and the innermost value that is there. */
function follow(root: Located, path: Path): { readonly found: Located | null; readonly parent: Located } {
  let parent = root;
  let found: Located | null = root;
  for (const key of path) {
    if (found === null) break;
    parent = found;
    found = childAt(found, key);
  }
  return { found, parent };
}

function childAt(located: Located, key: PropertyKey): Located | null {
  if (located.kind === "list") return located.items[Number(key)] ?? null;
  return located.kind === "map" ? (located.entries.get(String(key))?.value ?? null) : null;
}

/** "vectors.*.rules.*" of ["vectors", 0, "rules", 3]. */
function patternOf(path: Path): string {
  return path.map((key) => (typeof key === "number" ? "*" : String(key))).join(".");
}

/** "rule 4 of vector 1", "curve of vector 1": counted from 1, as people do. */
function nameOf(path: Path): string {
  if (path.length === 0) return "the recipe";
  const parts: string[] = [];
  path.forEach((key, index) => {
    if (typeof key === "number") {
      const list = String(path[index - 1]);
      parts.push(`${singular[list] ?? "value"} ${key + 1}`);
    } else if (typeof path[index + 1] !== "number") {
      parts.push(key.toString());
    } else if (singular[key.toString()] === undefined) {
      parts.push(key.toString());
    }
  });
  return parts.reverse().join(" of ");
}

const singular: Readonly<Record<string, string>> = { vectors: "vector", rules: "rule" };

function childOf(entry: string, pattern: string): string[] {
  const start = pattern === "" ? "" : `${pattern}.`;
  const rest = entry.startsWith(start) ? entry.slice(start.length) : "";
  return rest === "" || rest === "*" || rest.includes(".") ? [] : [rest];
}

function choiceAdvice(issue: z.core.$ZodIssue, value: unknown): string | null {
  if (issue.code !== "invalid_value" || typeof value !== "string") return null;
  const suggestion = suggestWord(value, issue.values.map(String));
  return suggestion === null ? null : `Did you mean ${suggestion}?`;
}
