import { contentKey, spellingKey } from "./token-keys.ts";
import { areEqualVocabularies, type Vocabulary } from "./vocabulary.ts";

export const noRow = -1;

/** The rows of another vocabulary that hold the same tokens. */
export interface TokenMatch {
  /** For each row of the first vocabulary the other's row of the same token, `noRow` where it has none. */
  readonly otherRows: Int32Array;
  /** `spelling`: equal strings. `content`: the two spell text in different ways, and were compared by the text itself. */
  readonly by: "spelling" | "content";
}

/**
 * Finds, for each of the first `rowCount` rows of a vocabulary, the row among the first `otherRowCount` of another that holds the
 * same token. Rows without a token have none.
 *
 * One spelling: tokens are the same when their strings are. Of a string at several rows, the first is paired with the other's
 * first, the second with its second, and so on; those left over take the other's last: each of these rows stands for the
 * string, and the last is the one that a tokenizer finds.
 *
 * Two spellings (▁the and Ġthe): tokens are the same when they stand for the same bytes of text and no second token does, in
 * either vocabulary; control tokens when they have the same name. The rows are used for the same text, so what a chat model
 * learned of the one holds for the other; where a text has several tokens, which of them would be a guess.
 */
export function matchTokens(
  vocabulary: Vocabulary,
  rowCount: number,
  other: Vocabulary,
  otherRowCount: number,
): TokenMatch {
  const by = vocabulary.spelling === other.spelling ? "spelling" : "content";
  if (areEqualVocabularies(vocabulary, other)) return { otherRows: sameRows(vocabulary, rowCount, otherRowCount), by };
  const match = by === "spelling" ? matchBySpelling : matchByContent;
  return { otherRows: match(vocabulary, rowCount, other, otherRowCount), by };
}

function sameRows({ tokens }: Vocabulary, rowCount: number, otherRowCount: number): Int32Array {
  const otherRows = new Int32Array(rowCount).fill(noRow);
  const end = Math.min(rowCount, otherRowCount, tokens.length);
  for (let row = 0; row < end; row++) if (tokens[row] !== undefined) otherRows[row] = row;
  return otherRows;
}

function matchBySpelling(
  vocabulary: Vocabulary,
  rowCount: number,
  other: Vocabulary,
  otherRowCount: number,
): Int32Array {
  const otherRows = new Int32Array(rowCount).fill(noRow);
  const otherEnd = Math.min(otherRowCount, other.tokens.length);
  /** The row of each key that is paired next. */
  const nextRow = new Map<string, number>();
  /** For a row, the next one with the same key: only keys at several rows are in it. */
  const followers = new Map<number, number>();
  for (let row = otherEnd - 1; row >= 0; row--) {
    const key = spellingKey(other, row);
    if (key === undefined) continue;
    const follower = nextRow.get(key);
    if (follower !== undefined) followers.set(row, follower);
    nextRow.set(key, row);
  }
  const end = Math.min(rowCount, vocabulary.tokens.length);
  for (let row = 0; row < end; row++) {
    const key = spellingKey(vocabulary, row);
    const otherRow = key === undefined ? undefined : nextRow.get(key);
    if (key === undefined || otherRow === undefined) continue;
    otherRows[row] = otherRow;
    const follower = followers.get(otherRow);
    if (follower !== undefined) nextRow.set(key, follower);
  }
  return otherRows;
}

function matchByContent(
  vocabulary: Vocabulary,
  rowCount: number,
  other: Vocabulary,
  otherRowCount: number,
): Int32Array {
  const otherRows = new Int32Array(rowCount).fill(noRow);
  const rowsOfOther = rowsByContent(other, otherRowCount);
  for (const [key, row] of rowsByContent(vocabulary, rowCount)) {
    otherRows[row] = rowsOfOther.get(key) ?? noRow;
  }
  return otherRows;
}

/** The row of each content that exactly one token has. A byte to fall back on counts only where nothing else has its content. */
function rowsByContent(vocabulary: Vocabulary, rowCount: number): Map<string, number> {
  const rows = new Map<string, number>();
  const fallbacks = new Map<string, number>();
  const ambiguous = new Set<string>();
  const end = Math.min(rowCount, vocabulary.tokens.length);
  for (let row = 0; row < end; row++) {
    const content = contentKey(vocabulary, row);
    if (content === undefined) continue;
    const { key, isFallback } = content;
    const known = isFallback ? fallbacks : rows;
    if (known.has(key)) ambiguous.add(key);
    known.set(key, row);
  }
  for (const [key, row] of fallbacks) if (!rows.has(key)) rows.set(key, row);
  for (const key of ambiguous) rows.delete(key);
  return rows;
}
