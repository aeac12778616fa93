import { normalizeTensorName } from "../plan/tensor-names.ts";

export interface OutsidePlace {
  readonly side: "before" | "after";
  readonly label: string;
}

/** One of the stacks of an encoder-decoder, or the only one by its name. */
const stack = "(?:encoder\\.|decoder\\.)?";
const place = (side: OutsidePlace["side"], label: string, names: string) =>
  [new RegExp(`^${stack}(?:${names})(?:\\.|$)`), { side, label }] as const;

/** What stands before the first layer and after the last one, as a token passes it. */
const places: readonly (readonly [RegExp, OutsidePlace])[] = [
  place(
    "before",
    "embed",
    "embed_tokens|tok_embeddings|wte|word_embeddings|embeddings\\.word_embeddings|embed_in|shared",
  ),
  place("before", "position", "wpe|embed_positions|position_embeddings|embeddings\\.position_embeddings"),
  place("before", "type", "token_type_embeddings|embeddings\\.token_type_embeddings"),
  place("before", "embed norm", "embeddings\\.LayerNorm|word_embeddings_layernorm|layernorm_embedding|embedding_norm"),
  place("before", "project in", "project_in"),
  place("after", "norm", "norm|ln_f|norm_f|final_layer_norm|final_layernorm|ln_final"),
  place("after", "project out", "project_out"),
  place("after", "pooler", "pooler"),
  place("after", "head", "lm_head|embed_out|output|cls\\.predictions|score|classifier"),
];

/** Where a tensor outside the layers stands; null for what is no part of the text model that the names tell of. */
export function placeOutsideLayers(name: string): OutsidePlace | null {
  const normalized = normalizeTensorName(name);
  return places.find(([pattern]) => pattern.test(normalized))?.[1] ?? null;
}

export const outsideLabels: readonly string[] = places.map(([, { label }]) => label);
