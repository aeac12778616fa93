/** The part of the encoding standard that every runtime has; declared here because the core has no DOM and no Node types. */
declare const TextDecoder: new (
  label: "utf-8",
  options: { fatal: boolean; ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string };
declare const TextEncoder: new () => { encode(text: string): Uint8Array<ArrayBuffer> };

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Text of strictly valid UTF-8 (overlong forms and surrogates are not); null where it is not. A byte order mark is kept. */
export function decodeUtf8(borrowedBytes: Uint8Array): string | null {
  try {
    return decoder.decode(borrowedBytes);
  } catch {
    return null;
  }
}

/** Longest span that `decodeUtf8Span` decodes by itself. */
const shortSpan = 128;
const units = new Uint16Array(shortSpan);

/**
 * Text of a span of strictly valid UTF-8; null where it is not. A short span is decoded here: half a million tokens take
 * 0.05 s, and 0.3 s by the runtime's decoder, which is made for long texts.
 */
export function decodeUtf8Span(borrowedBytes: Uint8Array, start: number, end: number): string | null {
  if (end - start > shortSpan) return decodeUtf8(borrowedBytes.subarray(start, end));
  let length = 0;
  for (let at = start; at < end; ) {
    const first = borrowedBytes[at] as number;
    if (first < 0x80) {
      units[length++] = first;
      at++;
      continue;
    }
    const size = sizeOf(first);
    const point = codePointAt(borrowedBytes, at, size, end);
    if (point < 0) return null;
    if (point < 0x10000) units[length++] = point;
    else {
      units[length++] = 0xd7c0 + (point >> 10);
      units[length++] = 0xdc00 | (point & 0x3ff);
    }
    at += size;
  }
  return String.fromCharCode.apply(null, units.subarray(0, length) as unknown as number[]);
}

export function isAscii(borrowedBytes: Uint8Array): boolean {
  for (let at = 0; at < borrowedBytes.length; at++) if ((borrowedBytes[at] as number) >= 0x80) return false;
  return true;
}

/** True for a span of strictly valid UTF-8. */
export function isUtf8Span(borrowedBytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; ) {
    const first = borrowedBytes[at] as number;
    if (first < 0x80) at++;
    else {
      const size = sizeOf(first);
      if (codePointAt(borrowedBytes, at, size, end) < 0) return false;
      at += size;
    }
  }
  return true;
}

/** Bytes that a first byte beyond ASCII announces. */
function sizeOf(first: number): 2 | 3 | 4 {
  return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
}

/** Least code points of two, three and four bytes: a lower one is an overlong form. */
const leastCodePoints = [0x80, 0x800, 0x10000] as const;

/** The code point of `size` bytes; negative where they are none: cut off at `end`, a stray byte, an overlong form, a surrogate. */
function codePointAt(bytes: Uint8Array, at: number, size: 2 | 3 | 4, end: number): number {
  const first = bytes[at] as number;
  // 110x xxxx, 1110 xxxx or 1111 0xxx.
  if (at + size > end || first < 0xc0 || (first & (0x80 >> size)) !== 0) return -1;
  let point = first & (0x7f >> size);
  for (let i = 1; i < size; i++) {
    const byte = bytes[at + i] as number;
    if ((byte & 0xc0) !== 0x80) return -1;
    point = (point << 6) | (byte & 0x3f);
  }
  const isSurrogate = point >= 0xd800 && point <= 0xdfff;
  return point < leastCodePoints[(size - 2) as 0 | 1 | 2] || point > 0x10ffff || isSurrogate ? -1 : point;
}

/** Bytes of text; a surrogate without its partner becomes U+FFFD. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/** JSON text of a string in ASCII alone, so that its length in characters is its length in bytes. */
export function asciiJsonString(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** Bytes of text that is ASCII alone. */
export function encodeAscii(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) throw new RangeError(`character ${unit} at ${i} is not ASCII`);
    bytes[i] = unit;
  }
  return bytes;
}

/** True for text with a surrogate that has no partner: no UTF-8 can hold it. */
export function hasLoneSurrogate(text: string): boolean {
  return /[\ud800-\udfff]/u.test(text);
}
