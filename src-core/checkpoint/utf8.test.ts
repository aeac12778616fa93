import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeUtf8, decodeUtf8Span, encodeUtf8, isUtf8Span } from "./utf8.ts";

/** Bytes near everything that UTF-8 tells apart: ASCII, continuations, first bytes of each size, and what is none. */
const byte = fc.oneof(
  fc.nat({ max: 255 }),
  fc.constantFrom(
    0x00,
    0x7f,
    0x80,
    0x8f,
    0x90,
    0x9f,
    0xa0,
    0xbf,
    0xc0,
    0xc1,
    0xc2,
    0xdf,
    0xe0,
    0xed,
    0xef,
    0xf0,
    0xf4,
    0xf5,
    0xff,
  ),
);

describe("a span of UTF-8", () => {
  it("decodes as the runtime's decoder does, and is refused where that refuses it", () => {
    let valid = 0;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3 }), fc.array(byte, { maxLength: 6 }), (before, span) => {
        const bytes = Uint8Array.from([...before, ...span, 0x80, 0x80]);
        const end = before.length + span.length;
        const expected = decodeUtf8(Uint8Array.from(span));
        if (expected !== null && span.length > 0) valid++;
        expect(decodeUtf8Span(bytes, before.length, end)).toBe(expected);
        expect(isUtf8Span(bytes, before.length, end)).toBe(expected !== null);
      }),
      { numRuns: 50_000, seed: 8 },
    );
    expect(valid).toBeGreaterThan(1000);
  });

  it("of any text is that text, long or short", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        const bytes = encodeUtf8(text);
        expect(decodeUtf8Span(bytes, 0, bytes.length)).toBe(text);
      }),
      { numRuns: 2000, seed: 8 },
    );
  });
});
