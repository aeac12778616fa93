import { Random } from "../random.ts";

/** A tokenizer's tokens by id, and the byte-pair merges that make the longer ones, first ones first. */
export interface SampleTokens {
  readonly tokens: readonly string[];
  readonly merges: readonly Merge[];
}

type Merge = readonly [left: string, right: string];

/** A target whose tokenizer was extended: the base's tokens and its own. */
export interface TargetVocabulary {
  readonly ownTokens: number;
  /** `appended`: the base's ids stay and own tokens follow. `shuffled`: all but the special tokens have new ids. */
  readonly order: "appended" | "shuffled";
}

/** What of a sample's description decides its tokens. */
export interface TokenWish {
  readonly architecture: { readonly vocabulary: number };
  readonly targetVocabulary: TargetVocabulary | null;
  readonly seed: number;
}

export interface TargetTokens extends SampleTokens {
  /** For each id the base's id of the same token, −1 for the target's own. */
  readonly baseRows: Int32Array;
}

export const specialTokens = ["<unk>", "<s>", "</s>"] as const;
export const unknownId = 0;
export const beginId = 1;
export const endId = 2;

/** U+2581, which stands for a space. */
export const wordStart = "\u2581";
const vowels = [..."aeiou"];
const consonants = [..."bcdfghjklmnpqrstvwxyz"];
const lowerCase = [..."abcdefghijklmnopqrstuvwxyz"];
const otherCharacters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,!?'\"-:;()/_*+=<>&%$#@[]{}|\\^~`"];
const syllables = consonants.flatMap((consonant) => vowels.map((vowel) => consonant + vowel));

/** Special tokens, every byte, and the letters that words are made of. */
export const minimumVocabulary = specialTokens.length + 256 + 1 + lowerCase.length;
/** Below the number of words of three syllables, which is what is left to make tokens of. */
export const maximumVocabulary = 1_048_576;

/** Tokens as in Llama 2's tokenizer: special ones, bytes to fall back on, characters, syllables, then made-up words. */
export function baseTokens(vocabulary: number): SampleTokens {
  const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`);
  const tokens: string[] = [...specialTokens, ...bytes, wordStart, ...lowerCase, ...otherCharacters].slice(
    0,
    vocabulary,
  );
  const merges: Merge[] = [];
  for (const merge of latinMerges()) {
    if (tokens.length === vocabulary) break;
    merges.push(merge);
    tokens.push(merge[0] + merge[1]);
  }
  return { tokens, merges };
}

function* latinMerges(): Generator<Merge> {
  for (const consonant of consonants) for (const vowel of vowels) yield [consonant, vowel];
  for (const syllable of syllables) yield [wordStart, syllable];
  const count = syllables.length;
  // Steps that share no factor with the counts (3, 5 and 7) visit every word once, not in the order of the alphabet.
  for (let i = 0; i < count ** 2; i++) {
    const word = (i * 6007) % count ** 2;
    yield [wordStart + syllableAt(word), syllableAt(Math.floor(word / count))];
  }
  for (let i = 0; i < count ** 3; i++) {
    const word = (i * 700_001) % count ** 3;
    const start = syllableAt(word) + syllableAt(Math.floor(word / count));
    yield [wordStart + start, syllableAt(Math.floor(word / count ** 2))];
  }
}

function syllableAt(index: number): string {
  return syllables[index % syllables.length] as string;
}

/** The target's tokens: the base's alone, or with its own Korean and Japanese ones, in the order the description says. */
export function targetTokens({ architecture, targetVocabulary, seed }: TokenWish): TargetTokens {
  const base = baseTokens(architecture.vocabulary);
  const own = ownTokens(targetVocabulary?.ownTokens ?? 0);
  const tokens = [...base.tokens, ...own.tokens];
  const merges = [...base.merges, ...own.merges];
  const baseRows = Int32Array.from(tokens, (_, id) => (id < base.tokens.length ? id : -1));
  if (targetVocabulary?.order !== "shuffled") return { tokens, merges, baseRows };
  const oldIds = shuffledIds(tokens.length, seed);
  return {
    tokens: Array.from(oldIds, (id) => tokens[id] as string),
    merges,
    baseRows: oldIds.map((id) => baseRows[id] as number),
  };
}

/** A permutation that leaves the special tokens where configurations say they are. */
function shuffledIds(count: number, seed: number): Int32Array {
  const ids = Int32Array.from({ length: count }, (_, id) => id);
  const random = new Random(seed);
  for (let i = count - 1; i > specialTokens.length; i--) {
    const j = specialTokens.length + random.integer(i + 1 - specialTokens.length);
    const id = ids[i] as number;
    ids[i] = ids[j] as number;
    ids[j] = id;
  }
  return ids;
}

/** Characters first, then words of one and of two of them. */
function ownTokens(count: number): SampleTokens {
  const characters = Array.from({ length: Math.min(Math.ceil(count / 2), 2000) }, (_, i) => ownCharacter(i));
  const tokens = [...characters];
  const merges: Merge[] = [];
  for (const merge of ownMerges(characters)) {
    if (tokens.length === count) break;
    merges.push(merge);
    tokens.push(merge[0] + merge[1]);
  }
  return { tokens, merges };
}

function* ownMerges(characters: readonly string[]): Generator<Merge> {
  for (const character of characters) yield [wordStart, character];
  for (let step = 1; step <= characters.length; step++) {
    for (const [index, first] of characters.entries()) {
      yield [wordStart + first, characters[(index + step) % characters.length] as string];
    }
  }
}

/** Hangul syllables spread over their block (가 to 힣); every fourth character is a hiragana (ぁ to ゖ) while there are any. */
function ownCharacter(index: number): string {
  const hiragana = Math.floor(index / 4);
  if (index % 4 === 3 && hiragana < 86) return String.fromCharCode(0x3041 + hiragana);
  return String.fromCharCode(0xac00 + ((index * 587) % 11_172));
}
