import { isObject } from "./small-json.ts";
import type { AddedToken } from "./vocabulary.ts";

/** An added token as the files write it, or null for anything else. A flag that is missing is off, as the tokenizers take it. */
export function parseAddedToken(value: unknown): AddedToken | null {
  if (!isObject(value) || typeof value.content !== "string" || value.content === "") return null;
  return {
    content: value.content,
    singleWord: value.single_word === true,
    lstrip: value.lstrip === true,
    rstrip: value.rstrip === true,
    normalized: value.normalized === true,
    special: value.special === true,
  };
}

/** A token that is only named, as in added_tokens.json: normalised like text unless it is special. */
export function namedToken(content: string, special: boolean): AddedToken {
  return { content, singleWord: false, lstrip: false, rstrip: false, normalized: !special, special };
}

/** The flags in the order in which tokenizer_config.json has them. */
export function addedTokenJson(token: AddedToken): Readonly<Record<string, string | boolean>> {
  return {
    content: token.content,
    lstrip: token.lstrip,
    normalized: token.normalized,
    rstrip: token.rstrip,
    single_word: token.singleWord,
    special: token.special,
  };
}
