import { JsonScanner } from "../checkpoint/json-scanner.ts";
import { maximumNameLength, maximumTokenizerConfigBytes, maximumTokenLength } from "../limits.ts";
import { parseAddedToken } from "./added-token.ts";
import { isObject } from "./small-json.ts";
import type { AddedToken, Spelling, Vocabulary } from "./vocabulary.ts";
import { VocabularyBuilder } from "./vocabulary-builder.ts";

/**
 * Reads the vocabulary of a tokenizer.json: BPE, WordPiece and WordLevel (an object), Unigram (a list), and the added tokens,
 * which win. `where` names the file in messages. Throws a StudioError `tokenizer-invalid`.
 * Source: Hugging Face tokenizers, serialisation of Model and AddedVocabulary.
 */
export function parseTokenizerJson(borrowedBytes: Uint8Array, where: string): Vocabulary {
  const builder = new VocabularyBuilder("tokenizer.json", where);
  readTokenizerJson(builder, borrowedBytes, where);
  return builder.build();
}

/** The tokens of a tokenizer.json's model alone, without the added ones. `isList`: as Unigram's pieces. */
export function parseModelVocabulary(
  borrowedBytes: Uint8Array,
  where: string,
): { readonly tokens: Vocabulary["tokens"]; readonly isList: boolean } {
  const builder = new VocabularyBuilder("tokenizer.json", where);
  const { isList } = scanTokenizerJson(builder, borrowedBytes, where);
  return { tokens: builder.tokens, isList };
}

interface AddedRow {
  readonly row: number;
  readonly token: AddedToken;
}

/** The same into a builder, which other files may add to. Gemma 3's 33 MB and 262,144 tokens take 0.2 s on a slow core. */
export function readTokenizerJson(builder: VocabularyBuilder, borrowedBytes: Uint8Array, where: string): void {
  const { added } = scanTokenizerJson(builder, borrowedBytes, where);
  for (const { row, token } of added) builder.add(row, token, where);
}

interface Scanned {
  readonly added: readonly AddedRow[];
  readonly isList: boolean;
}

/** Puts the model's tokens into the builder, and returns the added ones: they win, wherever in the file they stand. */
function scanTokenizerJson(builder: VocabularyBuilder, borrowedBytes: Uint8Array, where: string): Scanned {
  const scanner = tokenizerScanner(borrowedBytes, where);
  const evidence = new Set<string>();
  const added: AddedRow[] = [];
  let layout: Layout | null = null;
  scanner.enterObject("a JSON object");
  for (let key = scanner.nextKey(maximumNameLength); key !== null; key = scanner.nextKey(maximumNameLength)) {
    if (key === "model") layout = readModel(scanner, builder, evidence) ?? layout;
    else if (key === "added_tokens") readAddedTokens(scanner, added);
    else if (key === "decoder" || key === "pre_tokenizer" || key === "normalizer") {
      collectTypes(scanner.readJson(key, maximumTokenizerConfigBytes), evidence);
    } else scanner.skipValue();
  }
  scanner.expectEnd();
  if (layout === null) scanner.failValue("model.vocab, an object or a list", "none");
  builder.spelling = spellingOf(evidence);
  return { added, isList: layout === "list" };
}

export function tokenizerScanner(borrowedBytes: Uint8Array, where: string): JsonScanner {
  const code = "tokenizer-invalid";
  const codes = { syntax: code, value: code, limit: code } as const;
  return new JsonScanner(borrowedBytes, { name: where, title: "the tokenizer", byteOffset: 0, codes });
}

type Layout = "object" | "list";

/** How the model's vocabulary is laid out; null where the model has none. */
function readModel(scanner: JsonScanner, builder: VocabularyBuilder, evidence: Set<string>): Layout | null {
  let layout: Layout | null = null;
  scanner.enterObject("model: an object");
  for (let key = scanner.nextKey(maximumNameLength); key !== null; key = scanner.nextKey(maximumNameLength)) {
    if (key === "vocab") {
      layout = scanner.nextIsObject() ? "object" : "list";
      if (layout === "object") readTokenRows(scanner, builder);
      else readPieces(scanner, builder);
    } else if (key === "type") evidence.add(scanner.readString("model.type: a string", maximumNameLength));
    else if (key === "byte_fallback") {
      const hasByteTokens = scanner.readJson(key, maximumNameLength) === true;
      if (hasByteTokens) evidence.add("ByteFallback");
      builder.hasByteTokens = hasByteTokens;
    } else scanner.skipValue();
  }
  return layout;
}

/** {"token": row, …}, as in a model of tokenizer.json and in vocab.json. */
export function readTokenRows(scanner: JsonScanner, builder: VocabularyBuilder): void {
  scanner.enterObject("an object of tokens and rows");
  for (let token = scanner.nextKey(maximumTokenLength); token !== null; token = scanner.nextKey(maximumTokenLength)) {
    builder.put(scanner.readInteger("a token's row"), token);
  }
}

/** [["piece", score], …]: the row is the place in the list. */
function readPieces(scanner: JsonScanner, builder: VocabularyBuilder): void {
  scanner.enterArray("model.vocab: an object or a list");
  for (let row = 0; scanner.nextElement(); row++) {
    scanner.enterArray("a piece: a list of its string and score");
    if (!scanner.nextElement()) scanner.failValue("a piece's string");
    builder.put(row, scanner.readString("a piece's string", maximumTokenLength));
    while (scanner.nextElement()) scanner.skipValue();
  }
}

function readAddedTokens(scanner: JsonScanner, added: AddedRow[]): void {
  scanner.enterArray("added_tokens: a list");
  while (scanner.nextElement()) {
    const entry = scanner.readJson("an added token", maximumTokenLength * 6);
    const token = parseAddedToken(entry);
    const row = isObject(entry) ? entry.id : undefined;
    if (token === null || typeof row !== "number") {
      scanner.failValue("an added token: an object with id and content", JSON.stringify(entry).slice(0, 80));
    }
    added.push({ row, token });
  }
}

/** Every "type" inside a normalizer, pre-tokenizer or decoder, and ▁ where one replaces spaces by it or back. */
function collectTypes(value: unknown, evidence: Set<string>): void {
  if (typeof value === "string") {
    if (value === "▁") evidence.add(value);
  } else if (Array.isArray(value)) {
    for (const item of value) collectTypes(item, evidence);
  } else if (isObject(value)) {
    if (typeof value.type === "string") evidence.add(value.type);
    for (const item of Object.values(value)) collectTypes(item, evidence);
  }
}

/** A byte-level step decides: DeepSeek calls its byte-level tokenizer a LlamaTokenizer. */
function spellingOf(evidence: ReadonlySet<string>): Spelling | null {
  if (evidence.has("ByteLevel")) return "byte-level";
  if (evidence.has("WordPiece")) return "wordpiece";
  const isSentencePiece = ["Metaspace", "▁", "ByteFallback", "Unigram"].some((sign) => evidence.has(sign));
  return isSentencePiece ? "sentencepiece" : null;
}
