import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { terminalText } from "./terminal-text.ts";

describe("text for a terminal", () => {
  test("keeps what is shown as it is", () => {
    const table = "model.é.안녕\tBF16\n[1, 2] — λ 0.8 😀\n";
    expect(terminalText(table)).toBe(table);
  });

  test.each([
    ["\u001b[2J\u001b]0;title\u0007", "\\u{1b}[2J\\u{1b}]0;title\\u{7}"],
    ["a\u202egpj.exe", "a\\u{202e}gpj.exe"],
    ["\u009b31m\u0085\u2028", "\\u{9b}31m\\u{85}\\u{2028}"],
    ["safe\rfake", "safe\\u{d}fake"],
  ])("escapes %j", (text, shown) => {
    expect(terminalText(text)).toBe(shown);
  });

  test("means the same as JSON, and obeys nothing then either", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), fc.string({ unit: "binary" }), (value, name) => {
        const text = JSON.stringify({ [name]: value, path: "\u202e\u009b2J\u{e0001}" });
        const shown = terminalText(text);
        expect(JSON.parse(shown)).toEqual(JSON.parse(text));
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
      { numRuns: 500, seed: 20231005 },
    );
  });
});
