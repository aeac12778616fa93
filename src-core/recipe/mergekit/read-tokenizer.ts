import { describeLocated } from "../yaml/describe-located.ts";
import type { Located, LocatedMap } from "../yaml/locate.ts";
import type { TokenizerWish } from "./config.ts";
import { entryOf } from "./fields.ts";
import type { MergekitSource } from "./mergekit-source.ts";

/** Reads `tokenizer` or the older `tokenizer_source`; null where there is neither, and embeddings are merged row by row. */
export function readTokenizer(map: LocatedMap, source: MergekitSource): TokenizerWish | null {
  const older = entryOf(map, "tokenizer_source");
  const wish = entryOf(map, "tokenizer");
  if (older !== null && wish !== null) {
    throw source.invalid(wish, { what: "mergekit takes tokenizer or tokenizer_source, not both" });
  }
  if (older !== null) return readSource(older, source);
  if (wish === null) return null;
  if (wish.kind !== "map") {
    const expected = "{source: base}";
    throw source.invalid(wish, { what: "tokenizer is not valid", expected, actual: describeLocated(wish) });
  }
  const tokens = entryOf(wish, "tokens");
  if (tokens !== null && !(tokens.kind === "map" && tokens.entries.size === 0)) {
    throw source.inexpressible(tokens, { what: "a recipe cannot say where single tokens get their rows from" });
  }
  const padding = entryOf(wish, "pad_to_multiple_of");
  if (padding !== null)
    throw source.inexpressible(padding, { what: "a recipe adds no padding rows to the vocabulary" });
  const named = entryOf(wish, "source");
  return named === null ? { source: "union", offset: wish.offset } : readSource(named, source);
}

function readSource(located: Located, source: MergekitSource): TokenizerWish | null {
  if (located.kind === "scalar" && typeof located.value === "string") {
    return located.value === "" ? null : { source: located.value, offset: located.offset };
  }
  const expected = "base, union or a model";
  throw source.invalid(located, {
    what: "the tokenizer's source is not valid",
    expected,
    actual: describeLocated(located),
  });
}
