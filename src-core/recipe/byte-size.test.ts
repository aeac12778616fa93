import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatByteSize, parseByteSize } from "./byte-size.ts";

describe("a size in bytes", () => {
  test.each([
    ["5GB", 5e9],
    ["4GiB", 4 * 2 ** 30],
    ["500 MB", 5e8],
    ["1.5kb", 1500],
    ["1000000", 1e6],
    ["0", Number.NaN],
    ["-1GB", Number.NaN],
    ["5 parsecs", Number.NaN],
    ["1e3", Number.NaN],
    ["99999999TB", Number.NaN],
    ["", Number.NaN],
  ])("is read: %s", (text, bytes) => {
    expect(parseByteSize(text)).toBe(bytes);
  });

  test.each([
    [5e9, "5GB"],
    [2 ** 32, "4GiB"],
    [5e9 + 1, "5000000001"],
    [1500, "1500"],
    [1e12, "1TB"],
  ])("is written short: %d", (bytes, text) => {
    expect(formatByteSize(bytes)).toBe(text);
  });

  test("is read as it was written", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
        (bytes) => parseByteSize(formatByteSize(bytes)) === bytes,
      ),
    );
  });
});
