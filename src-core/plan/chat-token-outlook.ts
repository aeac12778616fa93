import type { Recipe } from "../recipe/recipe.ts";
import { type ChatTokenOffers, chatTokenOffers } from "../vocabulary/chat-token-offers.ts";
import type { SpecialRole, Vocabulary } from "../vocabulary/vocabulary.ts";
import type { TensorIndex } from "./alignment.ts";
import { knownPair, rowsOf } from "./chat-token-rows.ts";
import type { MergePlan } from "./merge-plan.ts";
import type { Vocabularies } from "./vocabulary-treatment.ts";

/** Tokens of the first vector's chat model that the target could have, with what would happen to its rows. Plain data. */
export interface ChatTokenOutlook {
  /** Those that the target lacks come first. */
  readonly offers: readonly OfferedChatToken[];
  /** Tokens that the target keeps free, whose rows can be taken; the first of them. */
  readonly unused: readonly string[];
}

export interface OfferedChatToken {
  readonly token: string;
  /** What chat uses it for: "eos". */
  readonly roles: readonly SpecialRole[];
  /** The chat model's template writes it. */
  readonly inTemplate: boolean;
  readonly isInTarget: boolean;
  readonly isTaken: boolean;
  /** The free token whose row it takes. */
  readonly replaces: string | null;
  /** What happens, or would, if it is taken: "adds row 46336". Null where it has no place. */
  readonly place: string | null;
}

const maximumUnused = 64;
const noOutlook: ChatTokenOutlook = { offers: [], unused: [] };

/** What can be chosen beside what the plan has taken. */
export function chatTokenOutlook(
  recipe: Recipe,
  plan: Pick<MergePlan, "chatTokens">,
  models: { readonly target: TensorIndex; readonly chat: TensorIndex },
  vocabularies: Vocabularies,
): ChatTokenOutlook {
  const known = knownPair(recipe, vocabularies);
  const rows = rowsOf(models);
  if (known === null || rows === null) return noOutlook;
  const { offers, unusedRows, appendRow } = offersOnce(known, rows);
  const taken = new Map(plan.chatTokens.map((placed) => [placed.token, placed]));
  const wished = new Map((recipe.output.chatTokens ?? []).map((wish) => [wish.token, wish]));
  const appended = plan.chatTokens.filter(({ targetRow }) => targetRow >= (appendRow ?? rows.target)).length;
  const next = appendRow === null ? null : appendRow + appended;
  const shown = offers.map(({ token, roles, inTemplate, targetRow }): OfferedChatToken => {
    const placed = taken.get(token);
    const isNew = next !== null && next >= rows.target;
    const would =
      targetRow !== null ? `takes row ${targetRow}` : next === null ? null : `${isNew ? "adds" : "takes"} row ${next}`;
    return {
      token,
      roles,
      inTemplate,
      isInTarget: targetRow !== null,
      isTaken: wished.has(token),
      replaces: wished.get(token)?.replaces ?? null,
      place: placed === undefined ? would : `${placed.isNewRow ? "adds" : "takes"} row ${placed.targetRow}`,
    };
  });
  return {
    offers: [...shown.filter(({ isInTarget }) => !isInTarget), ...shown.filter(({ isInTarget }) => isInTarget)],
    unused: unusedRows.slice(0, maximumUnused).map(({ token }) => token),
  };
}

/** By the target's vocabulary: a plan is made anew on every change of λ. */
const known = new WeakMap<Vocabulary, { chat: Vocabulary; rows: string; offers: ChatTokenOffers }>();

function offersOnce(
  pair: { readonly target: Vocabulary; readonly chat: Vocabulary },
  rows: { readonly target: number; readonly chat: number },
): ChatTokenOffers {
  const found = known.get(pair.target);
  const key = `${rows.target} ${rows.chat}`;
  if (found?.chat === pair.chat && found.rows === key) return found.offers;
  const offers = chatTokenOffers(pair, rows);
  known.set(pair.target, { chat: pair.chat, rows: key, offers });
  return offers;
}
