import { matchTokens, noRow } from "./match-tokens.ts";
import { readableToken } from "./token-keys.ts";
import { areEqualVocabularies, type Vocabulary } from "./vocabulary.ts";

export interface Roles<Value> {
  readonly target: Value;
  readonly chat: Value;
  readonly base: Value;
}

/** `rowCount` consecutive rows of the target, with the rows of chat and base that hold the same tokens, consecutive too. */
export interface RowRun {
  readonly targetRow: number;
  readonly chatRow: number;
  readonly baseRow: number;
  readonly rowCount: number;
}

/** Which rows of an embedding belong together, by token. */
export interface RowMatch {
  /** By target row, each as long as it can be. The target's other rows take no chat vector. */
  readonly runs: readonly RowRun[];
  // Every row of the target is counted once: matched, the target's own, without a base row, or padding.
  readonly matchedCount: number;
  /** Tokens that chat lacks. */
  readonly ownCount: number;
  /** Tokens that chat has and base lacks: the chat model's special ones, mostly. Without a base there is no difference to add. */
  readonly withoutBaseCount: number;
  /** Rows without a token: beyond the vocabulary, or left free in it. They are kept, even where chat and base have padding too. */
  readonly paddingCount: number;
  /** Tokens of chat, and of base, that no row of the target has. */
  readonly chatOnlyCount: number;
  readonly baseOnlyCount: number;
  /** Up to five of the target's own tokens that read well, spread over its rows. */
  readonly ownExamples: readonly string[];
  /** Up to five of the chat model's. */
  readonly chatOnlyExamples: readonly string[];
  /** `content`: the target spells text in another way than chat or base; tokens were compared by the text they stand for. */
  readonly by: "spelling" | "content";
}

const maximumExampleCount = 5;

/**
 * Matches the rows of an embedding (or an output head) of target, chat and base by token. `rows` are the tensors' first
 * dimensions: tokens beyond them have no row, rows beyond the tokens are padding. What makes two tokens the same is said at
 * `matchTokens`. 150,000 tokens at shuffled rows take about 0.2 s.
 */
export function matchRows(vocabularies: Roles<Vocabulary>, rows: Roles<number>): RowMatch {
  const { target, chat, base } = vocabularies;
  const toChat = matchTokens(target, rows.target, chat, rows.chat);
  const isSame = rows.chat === rows.base && areEqualVocabularies(chat, base);
  const toBase = isSame ? toChat : matchTokens(target, rows.target, base, rows.base);
  const matched = collectRuns(toChat.otherRows, toBase.otherRows);
  const targetRows = tokenRows(target, rows.target);
  const ownRows = targetRows.filter((row) => toChat.otherRows[row] === noRow);
  const chatOnlyRows = rowsLeft(chat, rows.chat, toChat.otherRows);
  return {
    runs: matched.runs,
    matchedCount: matched.count,
    ownCount: ownRows.length,
    withoutBaseCount: targetRows.length - ownRows.length - matched.count,
    paddingCount: rows.target - targetRows.length,
    chatOnlyCount: chatOnlyRows.length,
    baseOnlyCount: isSame ? chatOnlyRows.length : rowsLeft(base, rows.base, toBase.otherRows).length,
    ownExamples: examplesOf(target, ownRows),
    chatOnlyExamples: examplesOf(chat, chatOnlyRows),
    by: toChat.by === "content" || toBase.by === "content" ? "content" : "spelling",
  };
}

function collectRuns(chatRows: Int32Array, baseRows: Int32Array): { runs: RowRun[]; count: number } {
  const runs: RowRun[] = [];
  let count = 0;
  for (let row = 0; row < chatRows.length; ) {
    const chatRow = chatRows[row] as number;
    const baseRow = baseRows[row] as number;
    if (chatRow === noRow || baseRow === noRow) {
      row++;
      continue;
    }
    let rowCount = 1;
    while (chatRows[row + rowCount] === chatRow + rowCount && baseRows[row + rowCount] === baseRow + rowCount)
      rowCount++;
    runs.push({ targetRow: row, chatRow, baseRow, rowCount });
    count += rowCount;
    row += rowCount;
  }
  return { runs, count };
}

function tokenRows({ tokens }: Vocabulary, rowCount: number): number[] {
  const rows: number[] = [];
  const end = Math.min(rowCount, tokens.length);
  for (let row = 0; row < end; row++) if (tokens[row] !== undefined) rows.push(row);
  return rows;
}

/** The other vocabulary's tokens that no row of the target has. */
function rowsLeft(other: Vocabulary, otherRowCount: number, otherRows: Int32Array): number[] {
  const taken = new Uint8Array(Math.max(otherRowCount, 0));
  for (const row of otherRows) if (row !== noRow) taken[row] = 1;
  return tokenRows(other, otherRowCount).filter((row) => taken[row] === 0);
}

/** Words first, then anything of letters, then what there is: a reader should see at once whose tokens these are. */
function examplesOf(vocabulary: Vocabulary, rows: readonly number[]): string[] {
  const looked = spread(rows, 2000).map((row) => ({
    kind: vocabulary.kinds[row],
    text: readableToken(vocabulary, row),
  }));
  const readable = looked.filter(({ text }) => text !== null && isShowable(text));
  const grades = [
    readable.filter(({ kind, text }) => kind === "normal" && /^▁?\p{L}{2,12}$/u.test(text ?? "")),
    readable.filter(({ kind, text }) => kind === "normal" && /^(▁|##)?\p{L}+$/u.test(text ?? "")),
    readable,
  ];
  const best = grades.find((grade) => grade.length >= Math.min(maximumExampleCount, rows.length)) ?? readable;
  return spread(best, maximumExampleCount).flatMap(({ text }) => text ?? []);
}

/** One line, nothing invisible, not too long. */
function isShowable(text: string): boolean {
  return text.length > 0 && text.length <= 40 && !/[\p{C}\p{Z}]/u.test(text);
}

/** At most `count` items at even distances. */
function spread<Item>(items: readonly Item[], count: number): Item[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.floor(((i + 0.5) * items.length) / count)] as Item);
}
