import { quoteName } from "../checkpoint/quote.ts";
import { StudioError } from "../errors.ts";
import { maximumTokenCount } from "../limits.ts";
import { type ChatTokenOffer, offerOfToken } from "./chat-token-offers.ts";
import type { AddedToken, Vocabulary } from "./vocabulary.ts";

/**
 * Where a token of the chat model goes. `same-token`: the target's row of the same string. `unused`: a row whose token the target
 * keeps free, and which is renamed. `append`: the row after the target's last token, padding while there is any, else a new one.
 */
export type ChatTokenPlacement =
  | { readonly kind: "same-token" }
  | { readonly kind: "unused"; readonly row: number }
  | { readonly kind: "append" };

export interface ChatTokenChoice {
  readonly token: string;
  readonly placement: ChatTokenPlacement;
}

/** A row of the output's embedding and head that is the chat model's row, bit for bit in the output's dtype. */
export interface PlacedChatToken {
  readonly token: string;
  readonly chatRow: number;
  readonly targetRow: number;
  /** Beyond the target's rows: the output's embedding and head are longer. */
  readonly isNewRow: boolean;
  /** The free token whose row it takes; null at a row without a token, or of the same one. */
  readonly replaces: string | null;
  readonly added: AddedToken;
}

export interface ChatTokenPlan {
  /** By target row. */
  readonly placed: readonly PlacedChatToken[];
  /** Rows of the output's embedding and head: the target's, and the new ones. */
  readonly rowCount: number;
}

/**
 * Gives chosen tokens of the chat model their rows in the target. Throws a StudioError `recipe-invalid` for a token that the chat
 * model lacks or that is chosen twice, for a second row of a token that the target has, and for a row that is not free.
 */
export function planChatTokens(
  choices: readonly ChatTokenChoice[],
  vocabularies: { readonly chat: Vocabulary; readonly target: Vocabulary },
  rows: { readonly chat: number; readonly target: number },
): ChatTokenPlan {
  const placed = new Map<number, PlacedChatToken>();
  const tokens = new Set<string>();
  let appendRow = vocabularies.target.tokens.length;
  for (const { token, placement } of choices) {
    const offer = offerOfToken(vocabularies, rows, token);
    if (offer === null) throw refused(token, "a token of the chat model", "none of that name");
    if (tokens.has(token)) throw refused(token, "each token once", "chosen twice");
    tokens.add(token);
    const targetRow = rowFor(offer, placement, vocabularies.target, rows.target, appendRow);
    if (placement.kind === "append") appendRow++;
    const other = placed.get(targetRow);
    if (other !== undefined)
      throw refused(token, "a row of its own", `row ${targetRow}, given to ${quoteName(other.token)}`);
    placed.set(targetRow, {
      token,
      chatRow: offer.chatRow,
      targetRow,
      isNewRow: targetRow >= rows.target,
      replaces: placement.kind === "unused" ? (vocabularies.target.tokens[targetRow] ?? null) : null,
      added: offer.added,
    });
  }
  const sorted = [...placed.values()].sort((a, b) => a.targetRow - b.targetRow);
  return { placed: sorted, rowCount: Math.max(rows.target, (sorted.at(-1)?.targetRow ?? -1) + 1) };
}

function rowFor(
  { token, targetRow }: ChatTokenOffer,
  placement: ChatTokenPlacement,
  target: Vocabulary,
  targetRowCount: number,
  appendRow: number,
): number {
  if (placement.kind === "same-token") {
    if (targetRow === null) throw refused(token, "a token that the target has", "the target lacks it");
    return targetRow;
  }
  if (targetRow !== null)
    throw refused(token, "the target's own row of this token", `another place; it is at row ${targetRow}`);
  if (placement.kind === "unused") {
    const { row } = placement;
    if (row < targetRowCount && target.kinds[row] === "unused") return row;
    const present = target.tokens[row];
    throw refused(
      token,
      "a row that the target keeps free",
      `row ${row}${present === undefined ? "" : `, ${quoteName(present)}`}`,
    );
  }
  if (target.tokens.length > targetRowCount) {
    const actual = `${target.tokens.length} tokens for ${targetRowCount} rows`;
    throw refused(token, "a target whose tokens all have rows", actual);
  }
  if (appendRow >= maximumTokenCount) throw refused(token, `at most ${maximumTokenCount} rows`, "more");
  return appendRow;
}

/** The target's vocabulary with the chat model's tokens in their places: that of the output. */
export function withChatTokens(target: Vocabulary, placed: readonly PlacedChatToken[]): Vocabulary {
  if (placed.length === 0) return target;
  const tokens = [...target.tokens];
  const kinds = [...target.kinds];
  const added = new Map(target.added);
  for (const { token, targetRow, added: flags } of placed) {
    tokens[targetRow] = token;
    kinds[targetRow] = flags.special ? "special" : "normal";
    added.set(targetRow, flags);
  }
  const tokenCount = tokens.reduce((count, token) => (token === undefined ? count : count + 1), 0);
  return { ...target, tokens, kinds, added, tokenCount };
}

function refused(token: string, expected: string, actual: string): StudioError {
  return new StudioError({
    code: "recipe-invalid",
    what: "The chat model's token cannot be given to the target",
    where: quoteName(token),
    expected,
    actual,
  });
}
