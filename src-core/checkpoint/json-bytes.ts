import { quoteName } from "./quote.ts";

/** Characters of JSON as bytes. */
export const quote = 0x22;
export const comma = 0x2c;
export const minus = 0x2d;
export const colon = 0x3a;
export const openBracket = 0x5b;
const backslash = 0x5c;
export const closeBracket = 0x5d;
export const openBrace = 0x7b;
export const closeBrace = 0x7d;

export function isDigit(byte: number | undefined): byte is number {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

/** The first place from `start` on that is no white space. */
export function whiteSpaceEnd(bytes: Uint8Array, start: number): number {
  let at = start;
  for (let byte = bytes[at]; byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09; byte = bytes[++at]);
  return at;
}

/** What `scanString` found. */
export interface StringSpan {
  /** Where the contents end: at the closing quote, or at what cannot stand in a string. */
  end: number;
  /** The byte there: a quote, a control character, or undefined at the end of the bytes. */
  stop: number | undefined;
  /** ASCII alone. */
  plain: boolean;
  /** With backslashes. */
  escaped: boolean;
}

/** Finds the end of a string whose contents start at `start`, into `span`. */
export function scanString(bytes: Uint8Array, start: number, span: StringSpan): void {
  let escaped = false;
  let seen = 0;
  let at = start;
  let byte = bytes[at];
  while (byte !== undefined && byte !== quote && byte >= 0x20) {
    seen |= byte;
    if (byte === backslash) {
      escaped = true;
      // Passes what is escaped, which may be a quote; whether it may be escaped is seen when the string is decoded.
      at++;
    }
    byte = bytes[++at];
  }
  span.end = at;
  span.stop = byte;
  span.plain = seen < 0x80;
  span.escaped = escaped;
}

/** True for what can stand first in a value. */
export function startsValue(byte: number | undefined): boolean {
  return byte !== undefined && '"{[-0123456789tfn'.includes(String.fromCharCode(byte));
}

/** Where the run of characters that a number may be made of ends. */
export function numberEnd(bytes: Uint8Array, start: number): number {
  let end = start;
  for (let byte = bytes[end]; byte !== undefined; byte = bytes[++end]) {
    const isPart = isDigit(byte) || byte === minus || byte === 0x2b || byte === 0x2e || byte === 0x65 || byte === 0x45;
    if (!isPart) break;
  }
  return end;
}

/** Text of a short span of ASCII, each byte being an argument of a call. */
export function asciiText(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode.apply(null, bytes.subarray(start, end) as unknown as number[]);
}

/** What stands at a place, for a message: the next characters, a byte, or the end. */
export function describeAt(bytes: Uint8Array, at: number): string {
  const byte = bytes[at];
  if (byte === undefined) return "the end";
  if (byte < 0x20 || byte >= 0x7f) return `byte 0x${byte.toString(16).padStart(2, "0")}`;
  let end = at;
  while (end - at < 24 && isPrintable(bytes[end])) end++;
  return quoteName(asciiText(bytes, at, end));
}

function isPrintable(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x20 && byte < 0x7f;
}

/** Members of the object that the text is: colons at its first level. For a text that is no JSON the count means nothing. */
export function countMembers(bytes: Uint8Array): number {
  let count = 0;
  let depth = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === quote) {
      while (++at < bytes.length && bytes[at] !== quote) if (bytes[at] === backslash) at++;
    } else if (byte === openBrace || byte === openBracket) depth++;
    else if (byte === closeBrace || byte === closeBracket) depth--;
    else if (byte === colon && depth === 1) count++;
  }
  return count;
}
