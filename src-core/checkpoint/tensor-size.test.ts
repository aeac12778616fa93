import { expect, test } from "vitest";
import { tensorByteLength } from "./tensor-size.ts";

test.each([
  ["F32", [2, 3], 24],
  ["BF16", [], 2],
  ["BF16", [5, 0], 0],
  // In bits it must be an integer that a double holds.
  ["BF16", [2 ** 24, 2 ** 24], 2 ** 49],
  ["BF16", [2 ** 25, 2 ** 24], null],
  // So must the product be on its way, though a later dimension is 0.
  ["F32", [2 ** 30, 2 ** 30, 0], null],
] as const)("%s %j takes %s bytes", (dtype, shape, byteLength) => {
  expect(tensorByteLength(dtype, shape)).toBe(byteLength);
});
