import { describe, expect, test } from "vitest";
import { StudioError } from "../errors.ts";
import { JsonScanner } from "./json-scanner.ts";

const document = {
  name: "a.json",
  title: "the document",
  byteOffset: 0,
  codes: { syntax: "header-json", value: "header-entry", limit: "header-limit" },
} as const;

const scannerOf = (text: string) => new JsonScanner(new TextEncoder().encode(text), document);

function codeOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof StudioError) return error.failure.code;
    throw error;
  }
  return "none";
}

describe("a document's limits", () => {
  test("a value may have as many bytes as it is given", () => {
    expect(scannerOf("[1, 2]").readJson("a list", 6)).toEqual([1, 2]);
    expect(codeOf(() => scannerOf("[1, 2]").readJson("a list", 5))).toBe("header-limit");
  });

  test("a string may have as many characters, however they are written", () => {
    expect(scannerOf('"ab\\u0063"').readString("a word", 3)).toBe("abc");
    expect(codeOf(() => scannerOf('"abcd"').readString("a word", 3))).toBe("header-limit");
    expect(codeOf(() => scannerOf(`"${"\\u0061".repeat(4)}"`).readString("a word", 3))).toBe("header-limit");
  });

  test("a number may have 512 digits", () => {
    expect(scannerOf(`0.${"1".repeat(510)}`).readNumberOrSkip()).toBeCloseTo(1 / 9, 10);
    expect(codeOf(() => scannerOf(`0.${"1".repeat(511)}`).readNumberOrSkip())).toBe("header-limit");
  });

  test("an integer is one that a double holds", () => {
    expect(scannerOf("9007199254740991").readInteger("a size")).toBe(Number.MAX_SAFE_INTEGER);
    expect(codeOf(() => scannerOf("9007199254740992").readInteger("a size"))).toBe("header-limit");
  });
});
