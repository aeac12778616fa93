import type { Spelling, TokenKind } from "./vocabulary.ts";

/** What makers of models call the tokens they keep free, with examples of who does. */
const unusedPatterns = [
  /^[<[]\|?unused_?(token_?)?\d+\|?[>\]]$/i, // Gemma <unused0>, BERT [unused1]
  /^<\|?reserved(_special)?(_token|_id)?_?\d+\|?>$/i, // Llama 3 <|reserved_special_token_0|>, Baichuan <reserved_106>
  /^<\|extra_\d+\|>$/, // Qwen
  /^<\|?(dummy|place_?holder|free)_?\d+\|?>$/i, // Phi 3 <|placeholder1|>, Phi 4 <|dummy_0|>
  /^<special_\d+>$/i, // Mistral NeMo
  /^\[control_\d+\]$/, // Mistral
  /^<｜place▁holder▁no▁\d+｜>$/, // DeepSeek
];

/** True for a token that its name keeps free for users. */
export function isUnusedName(token: string): boolean {
  return isBracketed(token) && unusedPatterns.some((pattern) => pattern.test(token));
}

/** <…> or […] without white space: how control tokens look, and text hardly does. */
export function isBracketed(token: string): boolean {
  const first = token.charCodeAt(0);
  const last = token.charCodeAt(token.length - 1);
  const closes = (first === 0x3c && last === 0x3e) || (first === 0x5b && last === 0x5d);
  return closes && token.length > 2 && !/\s/.test(token);
}

/** The byte that a token like <0x0A> stands for; null for any other. */
export function byteOfToken(token: string): number | null {
  if (token.length !== 6 || !token.startsWith("<0x")) return null;
  return /^<0x[0-9A-F]{2}>$/.test(token) ? Number.parseInt(token.slice(3, 5), 16) : null;
}

/** What a token is by its string alone. `hasByteTokens`: whether <0x0A> is a byte in this vocabulary, or text. */
export function kindByName(token: string, spelling: Spelling, hasByteTokens: boolean): TokenKind {
  if (token.charCodeAt(0) !== 0x3c && token.charCodeAt(0) !== 0x5b) return "normal";
  if (hasByteTokens && spelling === "sentencepiece" && byteOfToken(token) !== null) return "byte";
  return isUnusedName(token) ? "unused" : "normal";
}
