import { encodeUtf8 } from "../checkpoint/utf8.ts";

/**
 * GPT-2's alphabet: each byte is a printable character; those that are none by themselves (white space, controls) are moved
 * to U+0100 and on, in order. Source: GPT-2, `bytes_to_unicode`.
 */
const characterOfByte: string[] = [];
const byteOfCharacter = new Map<number, number>();

let moved = 0x100;
for (let byte = 0; byte < 256; byte++) {
  const isPrintable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  const character = isPrintable ? byte : moved++;
  characterOfByte.push(String.fromCharCode(character));
  byteOfCharacter.set(character, byte);
}

/** Spells a text's UTF-8 bytes: " é" becomes "ĠÃ©". */
export function spellText(text: string): string {
  if (/^[!-~]*$/.test(text)) return text;
  let spelled = "";
  for (const byte of encodeUtf8(text)) spelled += characterOfByte[byte];
  return spelled;
}

export function spellByte(byte: number): string {
  return characterOfByte[byte] as string;
}

/** The bytes that a byte-level token spells; null for one with a character outside the alphabet. */
export function spelledBytes(token: string): Uint8Array | null {
  const bytes = new Uint8Array(token.length);
  for (let i = 0; i < token.length; i++) {
    const byte = byteOfCharacter.get(token.charCodeAt(i));
    if (byte === undefined) return null;
    bytes[i] = byte;
  }
  return bytes;
}
