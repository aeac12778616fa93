import { decodeUtf8 } from "../checkpoint/utf8.ts";
import { namedToken } from "./added-token.ts";
import { parseSmallJson } from "./small-json.ts";
import { tokenizerError } from "./tokenizer-error.ts";
import { readTokenRows, tokenizerScanner } from "./tokenizer-json.ts";
import type { VocabularyBuilder } from "./vocabulary-builder.ts";

/** Reads a vocab.json: {"token": row, …}. Throws a StudioError `tokenizer-invalid`. */
export function readVocabJson(builder: VocabularyBuilder, borrowedBytes: Uint8Array, where: string): void {
  const scanner = tokenizerScanner(borrowedBytes, where);
  readTokenRows(scanner, builder);
  scanner.expectEnd();
}

/**
 * Reads an added_tokens.json: {"token": row, …}, of tokens beside a vocab.json, tokenizer.model or vocab.txt.
 * Throws a StudioError `tokenizer-invalid`.
 */
export function readAddedTokensJson(builder: VocabularyBuilder, borrowedBytes: Uint8Array, where: string): void {
  for (const [content, row] of Object.entries(parseSmallJson(borrowedBytes, where))) {
    if (typeof row !== "number" || content === "") {
      throw tokenizerError(where, "tokens with their rows", `${JSON.stringify(content)}: ${JSON.stringify(row)}`);
    }
    builder.add(row, namedToken(content, false), where);
  }
}

/** Reads a vocab.txt of WordPiece: a token a line, the row being the line's number from 0. Throws a StudioError `tokenizer-invalid`. */
export function readVocabTxt(builder: VocabularyBuilder, borrowedBytes: Uint8Array, where: string): void {
  const text = decodeUtf8(borrowedBytes);
  if (text === null) throw tokenizerError(where, "text in UTF-8", "other bytes");
  const lines = text.split("\n");
  // What follows the last line's end is no token.
  if (lines.at(-1) === "") lines.pop();
  lines.forEach((line, row) => {
    builder.put(row, line.endsWith("\r") ? line.slice(0, -1) : line);
  });
}
