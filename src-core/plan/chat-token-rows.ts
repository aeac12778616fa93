import { elementCount, type TensorEntry } from "../checkpoint/checkpoint.ts";
import { isMergeable } from "../checkpoint/dtype.ts";
import { quoteName } from "../checkpoint/quote.ts";
import { describeFailure, StudioError } from "../errors.ts";
import type { ChatTokenWish, Recipe } from "../recipe/recipe.ts";
import { type ChatTokenChoice, type PlacedChatToken, planChatTokens } from "../vocabulary/plan-chat-tokens.ts";
import { rowOfToken, type Vocabulary } from "../vocabulary/vocabulary.ts";
import type { TensorIndex } from "./alignment.ts";
import type { Problem } from "./problem.ts";
import { hasVocabularyRows } from "./tensor-names.ts";
import type { Vocabularies } from "./vocabulary-treatment.ts";

/** Where chosen tokens of the chat model go in the target's embedding and head. */
export interface ChatTokenRows {
  /** By target row. */
  readonly placed: readonly PlacedChatToken[];
  /** Rows of the output's embedding and head; null where they stay the target's. */
  readonly rowCount: number | null;
  readonly problems: readonly Problem[];
}

/** Consecutive elements of the output that are the chat model's, as they are. */
export interface TakenElements {
  readonly elementOffset: number;
  readonly elementCount: number;
  readonly chat: TensorEntry;
  /** The first of them in the chat model's tensor. */
  readonly chatElement: number;
}

interface Models {
  readonly target: TensorIndex;
  /** The first vector's. */
  readonly chat: TensorIndex;
}

/** Gives the recipe's chat tokens their rows. What cannot be done is a problem, and then none is placed. */
export function placeChatTokens(recipe: Recipe, models: Models, vocabularies: Vocabularies): ChatTokenRows {
  const wishes = recipe.output.chatTokens ?? [];
  if (wishes.length === 0) return { placed: [], rowCount: null, problems: [] };
  const known = knownPair(recipe, vocabularies);
  const rows = rowsOf(models);
  if (known === null || rows === null) {
    const what = known === null ? "tokenizer" : "embedding";
    return refused(`The chat model's tokens have no place without the ${what} of target and chat`);
  }
  try {
    const choices = wishes.map((wish) => choiceOf(wish, known.target, rows.target));
    const { placed, rowCount } = planChatTokens(choices, known, rows);
    return { placed, rowCount: rowCount > rows.target ? rowCount : null, problems: [takenNotice(placed)] };
  } catch (error) {
    if (!(error instanceof StudioError)) throw error;
    return refused(describeFailure(error.failure));
  }
}

/** Vocabularies of the target and of the first vector's chat model; null where one is not known. */
export function knownPair(
  recipe: Recipe,
  vocabularies: Vocabularies,
): { readonly target: Vocabulary; readonly chat: Vocabulary } | null {
  const target = vocabularies.get(recipe.target)?.vocabulary;
  const chat = vocabularies.get(recipe.vectors[0]?.chat ?? "")?.vocabulary;
  return target && chat ? { target, chat } : null;
}

/** Rows of the embeddings; null where one has none. */
export function rowsOf({ target, chat }: Models): { readonly target: number; readonly chat: number } | null {
  const [targetRows, chatRows] = [target.embedding?.shape[0], chat.embedding?.shape[0]];
  return targetRows === undefined || chatRows === undefined ? null : { target: targetRows, chat: chatRows };
}

function choiceOf({ token, replaces }: ChatTokenWish, target: Vocabulary, rowCount: number): ChatTokenChoice {
  if (replaces !== undefined) return { token, placement: { kind: "unused", row: rowOfToken(target, replaces) ?? -1 } };
  const row = rowOfToken(target, token);
  return { token, placement: { kind: row !== null && row < rowCount ? "same-token" : "append" } };
}

/** What of one tensor is taken from the chat model, in order; a problem where the two do not fit. */
export function takenElements(
  tensor: TensorEntry,
  models: Models,
  { placed }: ChatTokenRows,
): readonly TakenElements[] | Problem {
  if (placed.length === 0 || !hasVocabularyRows(tensor.name)) return [];
  const chat = models.chat.findOrTied(models.target.tiedName(tensor.name));
  const rowShape = tensor.shape.slice(1);
  const fits =
    chat !== null &&
    isMergeable(tensor.dtype) &&
    isMergeable(chat.dtype) &&
    tensor.shape[0] === models.target.embedding?.shape[0] &&
    chat.shape[0] === models.chat.embedding?.shape[0] &&
    chat.shape.slice(1).join() === rowShape.join();
  if (!fits) return refusal(`${tensor.name} cannot take rows of the chat model's: ${unfit(tensor, chat)}`);
  const width = elementCount(rowShape);
  const taken: TakenElements[] = [];
  for (const { targetRow, chatRow } of placed) {
    const [elementOffset, chatElement] = [targetRow * width, chatRow * width];
    const last = taken.at(-1);
    const follows = last?.elementOffset === elementOffset - (last?.elementCount ?? 0);
    if (last !== undefined && follows && last.chatElement + last.elementCount === chatElement) {
      taken[taken.length - 1] = { ...last, elementCount: last.elementCount + width };
    } else if (width > 0) taken.push({ elementOffset, elementCount: width, chat, chatElement });
  }
  return taken;
}

function unfit(tensor: TensorEntry, chat: TensorEntry | null): string {
  const text = ({ dtype, shape }: TensorEntry) => `${dtype} [${shape.join(", ")}]`;
  return `${text(tensor)} in the target, ${chat === null ? "none" : text(chat)} in chat`;
}

function takenNotice(placed: readonly PlacedChatToken[]): Problem {
  const shown = placed.slice(0, 5).map((token) => `${quoteName(token.token)} ${describePlace(token)}`);
  const more = placed.length > 5 ? `, and ${placed.length - 5} more` : "";
  const message = `Chat tokens: ${shown.join(", ")}${more}; embedding and head have the chat model's rows there`;
  return { code: "chat-tokens", severity: "notice", message };
}

/** What happens to the target's rows: "takes row 5, <unused0>'s", "adds row 46336". */
function describePlace({ targetRow, isNewRow, replaces }: PlacedChatToken): string {
  if (isNewRow) return `adds row ${targetRow}`;
  return replaces === null ? `takes row ${targetRow}` : `takes row ${targetRow} from ${quoteName(replaces)}`;
}

function refused(message: string): ChatTokenRows {
  return { placed: [], rowCount: null, problems: [refusal(message)] };
}

function refusal(message: string): Problem {
  return { code: "chat-token-refused", severity: "error", message };
}
