import { describeFailure } from "../errors.ts";
import type { Recipe, VocabularyPolicy } from "../recipe/recipe.ts";
import { describeChatOnly, describeMatch } from "../vocabulary/describe-match.ts";
import type { KnownVocabulary } from "../vocabulary/known-vocabulary.ts";
import { matchRows, type Roles, type RowMatch, type RowRun } from "../vocabulary/match-rows.ts";
import { areEqualVocabularies, type Vocabulary } from "../vocabulary/vocabulary.ts";
import { firstRows } from "./row-runs.ts";

/** By checkpoint, as the recipe names them. One that is missing has no vocabulary. */
export type Vocabularies = ReadonlyMap<string, KnownVocabulary>;

/** Which rows of embeddings and head a vector is added to. */
export interface VocabularyTreatment {
  readonly runs: readonly RowRun[];
  /** What is to be said or decided; null where every row meets its own. */
  readonly finding: VocabularyFinding | null;
}

export interface VocabularyFinding {
  readonly code: "vocabulary-differs" | "vocabulary-padding" | "vocabulary-unknown";
  /** In a few words, for one tensor. */
  readonly reason: string;
  /** For people, after "Vocabularies differ: " and its like. */
  readonly sentence: string;
  /** Empty where nothing is to be decided. */
  readonly choices: readonly VocabularyPolicy[];
  /** Null while the choice that the recipe asks for cannot be had. */
  readonly chosen: VocabularyPolicy | null;
}

/** Decides what a vector does to rows of tokens: by the recipe's policy, or by what the vocabularies allow where it has none. */
export class VocabularyTreatments {
  readonly #recipe: Recipe;
  readonly #vocabularies: Vocabularies;

  constructor(recipe: Recipe, vocabularies: Vocabularies) {
    this.#recipe = recipe;
    this.#vocabularies = vocabularies;
  }

  /** `rows` are the first dimensions of one tensor in the three models. */
  treat(vector: number, rows: Roles<number>): VocabularyTreatment {
    const known = this.#known(vector);
    const { target, chat, base } = known;
    const policy = this.#recipe.vocabulary;
    if (target.vocabulary !== null && chat.vocabulary !== null && base.vocabulary !== null) {
      return withTokens({ target: target.vocabulary, chat: chat.vocabulary, base: base.vocabulary }, rows, policy);
    }
    return withoutTokens(known, rows, policy);
  }

  #known(vector: number): Roles<KnownVocabulary> {
    const { target, vectors } = this.#recipe;
    const of = (checkpoint: string | undefined) => this.#vocabularies.get(checkpoint ?? "") ?? noVocabulary;
    return { target: of(target), chat: of(vectors[vector]?.chat), base: of(vectors[vector]?.base) };
  }
}

const noVocabulary: KnownVocabulary = { vocabulary: null, failure: null };

function withTokens(
  vocabularies: Roles<Vocabulary>,
  rows: Roles<number>,
  policy: VocabularyPolicy | undefined,
): VocabularyTreatment {
  const { areEqual, match } = compareOnce(vocabularies, rows);
  if (areEqual && haveEqualRows(rows)) return { runs: firstRows(rows.target), finding: null };
  const chosen = policy ?? "by-token";
  const runs = runsOf(chosen, rows, match);
  if (areEqual && chosen === "by-token") {
    const sentence = `the same tokens in ${rowsText(rows)}; every token's row is added, and the target's padding kept`;
    const reason = `${match.paddingCount} padding rows kept`;
    return { runs, finding: { code: "vocabulary-padding", reason, sentence, choices: [], chosen } };
  }
  const sentence = [describeMatch(match), describeChatOnly(match)].filter((part) => part !== null).join("; ");
  const reason = reasonOf(chosen, rows, match);
  const choices: VocabularyPolicy[] = ["by-token", "first-rows", "keep-target"];
  return { runs, finding: { code: "vocabulary-differs", reason, sentence, choices, chosen } };
}

function withoutTokens(
  known: Roles<KnownVocabulary>,
  rows: Roles<number>,
  policy: VocabularyPolicy | undefined,
): VocabularyTreatment {
  const why = whyUnknown(known);
  const choices: VocabularyPolicy[] = ["first-rows", "keep-target"];
  if (policy === "by-token") {
    const finding = {
      reason: "tokens are not known",
      sentence: `tokens cannot be matched: ${why}`,
      choices,
      chosen: null,
    };
    return { runs: [], finding: { code: "vocabulary-differs", ...finding } };
  }
  if (haveEqualRows(rows)) {
    const runs = firstRows(rows.target);
    const isBare = Object.values(known).every(({ vocabulary, failure }) => vocabulary === null && failure === null);
    if (isBare) return { runs, finding: null };
    const sentence = `${why}; rows are added one to one`;
    return { runs, finding: { code: "vocabulary-unknown", reason: "row by row", sentence, choices: [], chosen: null } };
  }
  const chosen = policy ?? "keep-target";
  const sentence = `${rowsText(rows)}; tokens cannot be matched: ${why}`;
  const reason = reasonOf(chosen, rows, null);
  return {
    runs: runsOf(chosen, rows, null),
    finding: { code: "vocabulary-differs", reason, sentence, choices, chosen },
  };
}

function runsOf(policy: VocabularyPolicy, rows: Roles<number>, match: RowMatch | null): readonly RowRun[] {
  if (policy === "keep-target") return [];
  if (policy === "first-rows" || match === null) return firstRows(Math.min(rows.target, rows.chat, rows.base));
  return match.runs;
}

function reasonOf(policy: VocabularyPolicy, rows: Roles<number>, match: RowMatch | null): string {
  if (policy === "keep-target") return "vocabularies differ";
  if (policy === "first-rows" || match === null) return `the first ${Math.min(rows.target, rows.chat, rows.base)} rows`;
  return `${match.matchedCount} rows by token`;
}

function whyUnknown(known: Roles<KnownVocabulary>): string {
  const failed = Object.entries<KnownVocabulary>({ ...known }).find(([, { failure }]) => failure !== null);
  if (failed?.[1].failure) return `${failed[0]}'s tokenizer cannot be read (${describeFailure(failed[1].failure)})`;
  const missing = Object.entries<KnownVocabulary>({ ...known }).flatMap(([role, { vocabulary }]) =>
    vocabulary === null ? [role] : [],
  );
  return `there is no tokenizer beside ${missing.join(" and ")}`;
}

function haveEqualRows({ target, chat, base }: Roles<number>): boolean {
  return target === chat && target === base;
}

function rowsText({ target, chat, base }: Roles<number>): string {
  return `${target} rows in the target, ${chat} in chat, ${base} in base`;
}

interface Comparison {
  readonly vocabularies: Roles<Vocabulary>;
  readonly rows: Roles<number>;
  readonly areEqual: boolean;
  readonly match: RowMatch;
}

/** By the target's vocabulary: a plan is made anew on every change of λ, and matching 150,000 tokens takes 0.2 s. */
const comparisons = new WeakMap<Vocabulary, Comparison[]>();
/** Of one target: two tensors for each of the most vectors that a recipe has. */
const maximumComparisons = 32;

function compareOnce(vocabularies: Roles<Vocabulary>, rows: Roles<number>): Comparison {
  const { target, chat, base } = vocabularies;
  const kept = comparisons.get(target) ?? [];
  comparisons.set(target, kept);
  const found = kept.find(
    (each) => each.vocabularies.chat === chat && each.vocabularies.base === base && haveSameSizes(each.rows, rows),
  );
  if (found !== undefined) return found;
  const areEqual = areEqualVocabularies(target, chat) && areEqualVocabularies(target, base);
  const comparison = { vocabularies, rows, areEqual, match: matchRows(vocabularies, rows) };
  if (kept.length >= maximumComparisons) kept.shift();
  kept.push(comparison);
  return comparison;
}

function haveSameSizes(a: Roles<number>, b: Roles<number>): boolean {
  return a.target === b.target && a.chat === b.chat && a.base === b.base;
}
