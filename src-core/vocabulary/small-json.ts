import { JsonScanner } from "../checkpoint/json-scanner.ts";
import { maximumTokenizerConfigBytes } from "../limits.ts";
import { tokenizerError } from "./tokenizer-error.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The object in a small JSON file: tokenizer_config.json and its like. Its syntax and nesting are checked before anything is
 * built. Python's NaN and Infinity become null. Throws a StudioError `tokenizer-invalid`.
 */
export function parseSmallJson(borrowedBytes: Uint8Array, where: string): JsonObject {
  if (borrowedBytes.length > maximumTokenizerConfigBytes) {
    throw tokenizerError(where, `at most ${maximumTokenizerConfigBytes} bytes`, `${borrowedBytes.length} bytes`);
  }
  const code = "tokenizer-invalid";
  const codes = { syntax: code, value: code, limit: code } as const;
  const document = { name: where, title: "the file", byteOffset: 0, codes, pythonNumbers: true };
  const scanner: JsonScanner = new JsonScanner(borrowedBytes, document);
  if (!scanner.nextIsObject()) scanner.enterObject("a JSON object");
  const value = scanner.readJson("a JSON object", maximumTokenizerConfigBytes);
  scanner.expectEnd();
  return value as JsonObject;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
