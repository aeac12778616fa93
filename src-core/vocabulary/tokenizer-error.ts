import { StudioError } from "../errors.ts";

/** A tokenizer's file that is not what it should be. `where` is the file's path, with the place in it. */
export function tokenizerError(where: string, expected: string, actual: string): StudioError {
  return new StudioError({ code: "tokenizer-invalid", what: "The tokenizer cannot be read", where, expected, actual });
}
