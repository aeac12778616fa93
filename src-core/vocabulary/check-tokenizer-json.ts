import { quoteName } from "../checkpoint/quote.ts";
import { maximumNameLength, maximumTokenizerConfigBytes, maximumTokenLength } from "../limits.ts";
import { assignedRows } from "./added-token-rows.ts";
import type { FolderFindings } from "./folder-findings.ts";
import { isObject } from "./small-json.ts";
import { parseModelVocabulary, tokenizerScanner } from "./tokenizer-json.ts";

const file = "tokenizer.json";

/** Top-level keys that the tokenizers library knows; it refuses any other. */
const knownKeys = new Set([
  "version",
  "truncation",
  "padding",
  "added_tokens",
  "normalizer",
  "pre_tokenizer",
  "post_processor",
  "decoder",
  "model",
]);

const flags = ["single_word", "lstrip", "rstrip", "normalized", "special"];

/** What each kind of model must have beside its vocabulary. */
const modelKeys: Readonly<Record<string, readonly string[]>> = {
  BPE: ["merges"],
  Unigram: [],
  WordPiece: ["unk_token", "continuing_subword_prefix", "max_input_chars_per_word"],
  WordLevel: ["unk_token"],
};

interface Parts {
  readonly keys: readonly string[];
  readonly added: readonly unknown[];
  /** The model's small values, without vocabulary and merges. */
  readonly model: ReadonlyMap<string, unknown>;
  /** The first merge whose parts or product are no tokens. */
  readonly strayMerge: string | null;
}

/** That the tokenizers library loads a tokenizer.json, and gives every added token the row that the file says. */
export function checkTokenizerJson(borrowedBytes: Uint8Array, findings: FolderFindings): void {
  const where = `${findings.path}/${file}`;
  findings.attempt(file, () => {
    const { tokens, isList } = parseModelVocabulary(borrowedBytes, where);
    const rows = new Map<string, number>();
    tokens.forEach((token, row) => {
      if (token !== undefined) rows.set(token, row);
    });
    const parts = readParts(borrowedBytes, where, rows);
    for (const key of parts.keys) {
      if (!knownKeys.has(key)) findings.error(file, "There is a key that the tokenizers library refuses", null, key);
    }
    checkModel(parts, tokens.length, isList, findings);
    checkAddedTokens(parts.added, rows, isList ? tokens.length : rows.size, findings);
  });
}

function checkModel({ model, strayMerge }: Parts, pieceCount: number, isList: boolean, findings: FolderFindings): void {
  const type = model.get("type");
  // Files of before 2021 do not say the type; the library tells it by the keys.
  const required = typeof type === "string" ? modelKeys[type] : [];
  if (required === undefined)
    findings.error(file, "The model's type is not known", Object.keys(modelKeys).join(", "), String(type));
  for (const key of required ?? []) {
    if (!model.has(key)) findings.error(file, `The model lacks ${key}`, key, "none");
  }
  const unknown = model.get("unk_id");
  if (isList && typeof unknown === "number" && !(Number.isInteger(unknown) && unknown >= 0 && unknown < pieceCount)) {
    findings.error(file, "unk_id is no piece", `0 to ${pieceCount - 1}`, String(unknown));
  }
  if (strayMerge !== null)
    findings.error(file, "A merge is of tokens that are not in the vocabulary", null, strayMerge);
}

function checkAddedTokens(
  added: readonly unknown[],
  rows: ReadonlyMap<string, number>,
  vocabularySize: number,
  findings: FolderFindings,
): void {
  const entries = added.filter(isObject);
  for (const entry of entries) {
    const missing = flags.find((flag) => typeof entry[flag] !== "boolean");
    if (missing === undefined) continue;
    findings.error(file, `An added token lacks ${missing}`, "true or false", quoteName(String(entry.content)));
  }
  const contents = entries.map(({ content }) => String(content));
  const assigned = assignedRows(contents, (token) => rows.get(token), vocabularySize);
  entries.forEach(({ id }, index) => {
    if (id === assigned[index]) return;
    const what = `The tokenizers library gives ${quoteName(contents[index] ?? "")} another row than the file`;
    findings.error(file, what, String(id), String(assigned[index]));
  });
}

function readParts(borrowedBytes: Uint8Array, where: string, rows: ReadonlyMap<string, number>): Parts {
  const scanner = tokenizerScanner(borrowedBytes, where);
  const keys: string[] = [];
  const added: unknown[] = [];
  const model = new Map<string, unknown>();
  let strayMerge: string | null = null;
  scanner.enterObject("a JSON object");
  for (let key = scanner.nextKey(maximumNameLength); key !== null; key = scanner.nextKey(maximumNameLength)) {
    keys.push(key);
    if (key === "added_tokens") {
      scanner.enterArray("added_tokens: a list");
      while (scanner.nextElement()) added.push(scanner.readJson("an added token", maximumTokenLength * 6));
    } else if (key === "model") {
      scanner.enterObject("model: an object");
      for (let part = scanner.nextKey(maximumNameLength); part !== null; part = scanner.nextKey(maximumNameLength)) {
        if (part === "merges") {
          const prefix = model.get("continuing_subword_prefix");
          strayMerge = readMerges(scanner, rows, typeof prefix === "string" ? prefix.length : 0);
          model.set(part, true);
        } else if (part === "vocab") scanner.skipValue();
        else model.set(part, scanner.readJson(part, maximumTokenizerConfigBytes));
      }
    } else scanner.skipValue();
  }
  return { keys, added, model, strayMerge };
}

/** A merge is "left right" or, where tokens may hold spaces, ["left", "right"]. */
function readMerges(
  scanner: ReturnType<typeof tokenizerScanner>,
  rows: ReadonlyMap<string, number>,
  prefixLength: number,
): string | null {
  let stray: string | null = null;
  scanner.enterArray("merges: a list");
  while (scanner.nextElement()) {
    const merge = scanner.nextIsString()
      ? scanner.readString("a merge", maximumTokenLength).split(" ")
      : readPair(scanner);
    const [left, right] = merge;
    const isKnown =
      merge.length === 2 &&
      left !== undefined &&
      right !== undefined &&
      rows.has(left) &&
      rows.has(right) &&
      rows.has(left + right.slice(prefixLength));
    if (!isKnown) stray ??= quoteName(merge.join(" "));
  }
  return stray;
}

function readPair(scanner: ReturnType<typeof tokenizerScanner>): string[] {
  const pair: string[] = [];
  scanner.enterArray("a merge: a string or a list");
  while (scanner.nextElement()) pair.push(scanner.readString("a token", maximumTokenLength));
  return pair;
}
