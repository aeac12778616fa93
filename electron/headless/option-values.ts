import { InvalidArgumentError } from "commander";
import { maximumScale } from "../../src-core/limits.ts";
import { parseByteSize } from "../../src-core/recipe/byte-size.ts";
import type { ChatTokenWish } from "../../src-core/recipe/recipe.ts";

export function parseScale(text: string): number {
  const scale = Number(text);
  if (text.trim() === "" || !Number.isFinite(scale) || Math.abs(scale) > maximumScale) {
    throw new InvalidArgumentError("A finite number is expected.");
  }
  return scale;
}

export function parseCount(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError("A whole number is expected.");
  return Number(text);
}

/** Given several times, it gathers. */
export function parseChatToken(text: string, before: readonly ChatTokenWish[] = []): readonly ChatTokenWish[] {
  const [token = "", replaces, ...others] = text.split("=>");
  if (token === "" || replaces === "" || others.length > 0) {
    throw new InvalidArgumentError("A token is expected, or two: '<|im_end|>=><unused0>'.");
  }
  return [...before, { token, ...(replaces === undefined ? {} : { replaces }) }];
}

export function parseSeed(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("A whole number is expected.");
  return Number(text);
}

export function parseSize(text: string): number {
  const size = parseByteSize(text);
  if (Number.isNaN(size)) throw new InvalidArgumentError("A size such as 5GB, 500MB or 4GiB is expected.");
  return size;
}
