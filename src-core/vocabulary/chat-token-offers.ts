import { namedToken } from "./added-token.ts";
import {
  type AddedToken,
  defaultChatTemplate,
  rowOfToken,
  type SpecialRole,
  specialRoles,
  type TokenizerSettings,
  type Vocabulary,
} from "./vocabulary.ts";

/** A token of the chat model that can be given to the target. */
export interface ChatTokenOffer {
  readonly token: string;
  readonly chatRow: number;
  /** The flags that it has in the chat model. */
  readonly added: AddedToken;
  /** What the chat model uses it for, by its tokenizer's settings. */
  readonly roles: readonly SpecialRole[];
  /** The chat model's template writes it. */
  readonly inTemplate: boolean;
  /** The target's row of the same string; null where the target lacks it. */
  readonly targetRow: number | null;
  readonly presence: "missing" | "other-row" | "same-row";
}

/** Where tokens of the chat model can go. */
export interface ChatTokenOffers {
  /** By chat row. */
  readonly offers: readonly ChatTokenOffer[];
  /** Tokens that the target keeps free, whose rows can be taken. */
  readonly unusedRows: readonly { readonly row: number; readonly token: string }[];
  /** The row after the target's last token; null where the target has tokens beyond its embedding, and none can follow. */
  readonly appendRow: number | null;
  /** Appended tokens that find a row there already; further ones make the embedding longer. */
  readonly paddingCount: number;
}

interface Pair<Value> {
  readonly chat: Value;
  readonly target: Value;
}

/**
 * Finds the chat model's special tokens and other added ones, but for those it keeps free, and the places that the target has
 * for them. `rows` are the rows of the embeddings.
 */
export function chatTokenOffers(vocabularies: Pair<Vocabulary>, rows: Pair<number>): ChatTokenOffers {
  const { chat, target } = vocabularies;
  const offers: ChatTokenOffer[] = [];
  const chatEnd = Math.min(rows.chat, chat.tokens.length);
  const specials = specialTokens(chat, chatEnd);
  const targetRows = rowsOf(target, rows.target, specials);
  for (const [token, chatRow] of specials) {
    offers.push(offerOf(chat, token, chatRow, targetRows.get(token) ?? null));
  }
  const unusedRows: { row: number; token: string }[] = [];
  for (let row = 0; row < Math.min(rows.target, target.tokens.length); row++) {
    const token = target.tokens[row];
    if (token !== undefined && target.kinds[row] === "unused") unusedRows.push({ row, token });
  }
  const appendRow = target.tokens.length <= rows.target ? target.tokens.length : null;
  return { offers, unusedRows, appendRow, paddingCount: Math.max(0, rows.target - target.tokens.length) };
}

/** Any token of the chat model as an offer; null where it has no such token. */
export function offerOfToken(vocabularies: Pair<Vocabulary>, rows: Pair<number>, token: string): ChatTokenOffer | null {
  const chatRow = rowOfToken(vocabularies.chat, token);
  if (chatRow === null || chatRow >= rows.chat) return null;
  const targetRow = rowOfToken(vocabularies.target, token);
  return offerOf(vocabularies.chat, token, chatRow, targetRow !== null && targetRow < rows.target ? targetRow : null);
}

/** Tokens of the chat model that a template writes and a vocabulary lacks: with it the template would be cut to pieces. */
export function templateTokensMissing(template: string, chat: Vocabulary, vocabulary: Vocabulary): string[] {
  const tokens = specialTokens(chat, chat.tokens.length);
  const present = rowsOf(vocabulary, vocabulary.tokens.length, tokens);
  return [...tokens.keys()].filter((token) => template.includes(token) && !present.has(token));
}

/** Roles that a template writes by name (`{{ bos_token }}`) and a tokenizer leaves open: rendering it would fail. */
export function templateRolesMissing(template: string, settings: TokenizerSettings): SpecialRole[] {
  return specialRoles.filter((role) => settings[role] === null && new RegExp(`\\b${role}_token\\b`).test(template));
}

function offerOf(chat: Vocabulary, token: string, chatRow: number, targetRow: number | null): ChatTokenOffer {
  return {
    token,
    chatRow,
    added: chat.added.get(chatRow) ?? namedToken(token, chat.kinds[chatRow] === "special"),
    roles: specialRoles.filter((role) => chat.settings[role] === token),
    inTemplate: defaultChatTemplate(chat.settings)?.includes(token) === true,
    targetRow,
    presence: targetRow === null ? "missing" : targetRow === chatRow ? "same-row" : "other-row",
  };
}

/** Of a string at several rows the last, which a tokenizer finds. */
function specialTokens(chat: Vocabulary, end: number): Map<string, number> {
  const tokens = new Map<string, number>();
  for (let row = 0; row < end; row++) {
    const token = chat.tokens[row];
    const kind = chat.kinds[row];
    if (token !== undefined && (kind === "special" || (kind === "normal" && chat.added.has(row))))
      tokens.set(token, row);
  }
  return tokens;
}

function rowsOf({ tokens }: Vocabulary, rowCount: number, wanted: ReadonlyMap<string, number>): Map<string, number> {
  const rows = new Map<string, number>();
  for (let row = 0; row < Math.min(rowCount, tokens.length); row++) {
    const token = tokens[row];
    if (token !== undefined && wanted.has(token)) rows.set(token, row);
  }
  return rows;
}
