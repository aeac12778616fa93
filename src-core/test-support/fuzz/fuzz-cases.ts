/**
 * How many damaged documents each parser is given, of `ciCaseCount` in all. `CHAT_VECTOR_FUZZ_CASES` asks for another total,
 * `CHAT_VECTOR_FUZZ_SEED` for other cases.
 */
export const fuzzShares = {
  safetensors: 20_000,
  "torch-zip": 12_000,
  "torch-legacy": 8_000,
  "model-config": 8_000,
  vocabulary: 12_000,
  sentencepiece: 8_000,
  recipe: 4_000,
  "recipe-saved": 2_000,
  mergekit: 6_000,
  "command-line": 6_000,
  "window-request": 10_000,
  "engine-event": 4_000,
  journal: 3_000,
  "export-record": 2_000,
  "part-record": 2_000,
  provenance: 1_500,
  measurements: 2_000,
  "kept-json": 2_000,
  "fuzz-kit": 1_000,
} as const;

export type FuzzName = keyof typeof fuzzShares;

export const ciCaseCount = 100_000;

/** Cases for one parser in this run. */
export function caseCountOf(name: FuzzName): number {
  const total = numberFrom("CHAT_VECTOR_FUZZ_CASES", ciCaseCount);
  return Math.max(1, Math.round((fuzzShares[name] * total) / ciCaseCount));
}

/** The seed of a parser's first case; each further one is one more. */
export function firstSeed(): number {
  return numberFrom("CHAT_VECTOR_FUZZ_SEED", 20_231_005);
}

function numberFrom(variable: string, otherwise: number): number {
  const text = process.env[variable];
  if (text === undefined || text === "") return otherwise;
  if (!/^\d{1,15}$/.test(text)) throw new Error(`${variable} is no whole number: ${text}`);
  return Number(text);
}
