import { decodeUtf8 } from "../checkpoint/utf8.ts";
import { spellByte, spelledBytes, spellText } from "./byte-level.ts";
import { byteOfToken, isBracketed } from "./token-kinds.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** U+2581, SentencePiece's space. */
const wordStart = "▁";

/**
 * What a token is compared by within one spelling: its string as the vocabulary spells it. An added token of a byte-level
 * vocabulary stands in its file as plain text, and is spelled first: "é" as added is another token than "é", the byte 0xE9. A
 * byte <0x0A> is another token than the text "<0x0A>".
 */
export function spellingKey({ tokens, kinds, added, spelling }: Vocabulary, row: number): string | undefined {
  const token = tokens[row];
  if (token === undefined) return undefined;
  if (spelling === "byte-level") return added.has(row) ? spellText(token) : token;
  const isTextLikeByte = spelling === "sentencepiece" && kinds[row] !== "byte" && byteOfToken(token) !== null;
  return isTextLikeByte ? `text ${token}` : token;
}

/** A token's meaning across spellings. */
export interface ContentKey {
  readonly key: string;
  /** A byte to fall back on: it stands for its byte only where no other token does. */
  readonly isFallback: boolean;
}

/**
 * What a token is compared by with a vocabulary of another spelling: the bytes of the text that it stands for, ▁ and Ġ being a
 * space; a control token is compared by its name, with other control tokens only. Undefined where the text is not known:
 * WordPiece and plain vocabularies do not say whether a space stands in front of a word.
 */
export function contentKey(vocabulary: Vocabulary, row: number): ContentKey | undefined {
  const token = vocabulary.tokens[row];
  if (token === undefined) return undefined;
  const kind = vocabulary.kinds[row];
  const isAdded = vocabulary.added.has(row);
  if (kind === "special" || kind === "unused" || (isAdded && isBracketed(token))) {
    return { key: `control ${token}`, isFallback: false };
  }
  if (vocabulary.spelling === "byte-level") {
    return { key: isAdded ? spellText(token) : token, isFallback: false };
  }
  if (vocabulary.spelling !== "sentencepiece") return undefined;
  const byte = kind === "byte" ? byteOfToken(token) : null;
  if (byte !== null) return { key: spellByte(byte), isFallback: true };
  return { key: spellText(token.replaceAll(wordStart, " ")), isFallback: false };
}

/** The text of a token for people, a space being ▁ whatever the spelling; null for bytes that are no text by themselves. */
export function readableToken({ tokens, added, spelling }: Vocabulary, row: number): string | null {
  const token = tokens[row];
  if (token === undefined) return null;
  if (spelling !== "byte-level" || added.has(row)) return token;
  const bytes = spelledBytes(token);
  const text = bytes === null ? token : decodeUtf8(bytes);
  return text?.replaceAll(" ", wordStart) ?? null;
}
