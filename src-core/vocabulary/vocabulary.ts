/** A model's tokens by row of its embedding, with what its tokenizer files say about them. Plain data: it crosses processes. */
export interface Vocabulary {
  /** `tokens[row]` is the string that the tokenizer has there, spelled as in its file; undefined where it has none. */
  readonly tokens: readonly (string | undefined)[];
  /** As long as `tokens`. */
  readonly kinds: readonly (TokenKind | undefined)[];
  /** Rows with a token. */
  readonly tokenCount: number;
  readonly spelling: Spelling;
  /** Tokens put beside the tokenizer's own vocabulary, by row. They are found in text as they stand, whatever the spelling. */
  readonly added: ReadonlyMap<number, AddedToken>;
  readonly settings: TokenizerSettings;
  /** The file with the tokens: "tokenizer.json", "vocab.json", "tokenizer.model" or "vocab.txt". */
  readonly file: string;
}

/**
 * `special`: never made from text, like <s> or <|im_end|>. `byte`: SentencePiece's <0x0A>, for what no other token spells.
 * `unused`: kept free for users, like <unused0>.
 */
export type TokenKind = "normal" | "special" | "byte" | "unused";

/**
 * How tokens spell text. `byte-level`: UTF-8 bytes in GPT-2's alphabet, a space being Ġ. `sentencepiece`: text, a space being ▁.
 * `wordpiece`: words, their continuations with ## in front. `plain`: the tokenizer's files do not show any of these.
 */
export type Spelling = "byte-level" | "sentencepiece" | "wordpiece" | "plain";

/** An added token with its flags, as tokenizer.json and tokenizer_config.json have them. */
export interface AddedToken {
  readonly content: string;
  readonly singleWord: boolean;
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  readonly normalized: boolean;
  readonly special: boolean;
}

export const specialRoles = ["bos", "eos", "pad", "unk"] as const;
export type SpecialRole = (typeof specialRoles)[number];

/** What tokenizer_config.json, special_tokens_map.json and the chat template's own file say. */
export interface TokenizerSettings extends Readonly<Record<SpecialRole, string | null>> {
  /** Further tokens named as special: separators, masks, additional ones. */
  readonly otherSpecials: readonly string[];
  /** Most models have none or one, named "default". */
  readonly chatTemplates: readonly ChatTemplate[];
}

export interface ChatTemplate {
  readonly name: string;
  readonly template: string;
}

export const noSettings: TokenizerSettings = {
  bos: null,
  eos: null,
  pad: null,
  unk: null,
  otherSpecials: [],
  chatTemplates: [],
};

/** The template that is used when none is asked for by name. */
export function defaultChatTemplate({ chatTemplates }: TokenizerSettings): string | null {
  const found = chatTemplates.find(({ name }) => name === "default") ?? chatTemplates[0];
  return found?.template ?? null;
}

/**
 * True when both have the same token, or none, at every row: then rows need no matching. What the tokens are declared to be
 * (special, added) may differ, and so may the files they are from.
 */
export function areEqualVocabularies(a: Vocabulary, b: Vocabulary): boolean {
  if (a === b) return true;
  if (a.tokenCount !== b.tokenCount || a.spelling !== b.spelling) return false;
  const length = Math.max(a.tokens.length, b.tokens.length);
  for (let row = 0; row < length; row++) if (a.tokens[row] !== b.tokens[row]) return false;
  return true;
}

/** The row of a token; the last one when several have the string, since an added token is what the tokenizer then finds. */
export function rowOfToken({ tokens }: Vocabulary, token: string): number | null {
  const row = tokens.lastIndexOf(token);
  return row < 0 ? null : row;
}
