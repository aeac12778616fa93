/** The part of the encoding standard's decoder that every runtime has; declared here because the core has no DOM and no Node types. */
declare const TextDecoder: new (
  label: "utf-8",
  options: { fatal: boolean; ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string };

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Text of strictly valid UTF-8 (overlong forms and surrogates are not); null where it is not. A byte order mark is kept. */
export function decodeUtf8(borrowedBytes: Uint8Array): string | null {
  try {
    return decoder.decode(borrowedBytes);
  } catch {
    return null;
  }
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
