import { namedToken } from "../vocabulary/added-token.ts";
import type { KnownVocabulary } from "../vocabulary/known-vocabulary.ts";
import { isUnusedName } from "../vocabulary/token-kinds.ts";
import { noSettings, type TokenizerSettings, type Vocabulary } from "../vocabulary/vocabulary.ts";

/** A vocabulary as a tokenizer.json would give it; tokens like <|this|> are special, null is a row without one. */
export function sketchVocabulary(
  tokens: readonly (string | null)[],
  settings: Partial<TokenizerSettings> = {},
): Vocabulary {
  const isSpecial = (token: string) => /^<[|/]?\w+\|?>$/.test(token);
  const named = tokens.map((token) => token ?? undefined);
  return {
    tokens: named,
    kinds: named.map((token) =>
      token === undefined
        ? undefined
        : isUnusedName(token)
          ? ("unused" as const)
          : isSpecial(token)
            ? ("special" as const)
            : ("normal" as const),
    ),
    tokenCount: named.filter((token) => token !== undefined).length,
    spelling: "sentencepiece",
    added: new Map(
      named.flatMap((token, row) =>
        token !== undefined && isSpecial(token) ? [[row, namedToken(token, true)] as const] : [],
      ),
    ),
    settings: { ...noSettings, ...settings },
    file: "tokenizer.json",
  };
}

export function sketchVocabularies(
  byCheckpoint: Readonly<Record<string, Vocabulary | null>>,
): ReadonlyMap<string, KnownVocabulary> {
  return new Map(Object.entries(byCheckpoint).map(([name, vocabulary]) => [name, { vocabulary, failure: null }]));
}
