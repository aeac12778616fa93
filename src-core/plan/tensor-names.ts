/** Prefixes that wrap the same text model in different classes; `model.language_model.` is how newer multimodal ones nest it. */
const wrapperPrefixes = ["model.", "language_model.", "transformer.", "base_model.", "module.", "gpt_neox.", "bert."];

/** A stack of layers of the text model itself; another stack (a vision tower, say) has its own depth and is not one. */
const layerPattern = /^(?:encoder\.|decoder\.)?(?:layers|layer|h|blocks|block)\.(\d+)\.(.+)$/;

const embeddingNames = new Set([
  "embed_tokens.weight",
  "tok_embeddings.weight",
  "wte.weight",
  "word_embeddings.weight",
  "embeddings.word_embeddings.weight",
  "embed_in.weight",
]);

const headNames = new Set(["lm_head.weight", "lm_head.bias", "embed_out.weight", "output.weight"]);

/** The name without the prefixes in which classes wrap a text model: "model.layers.0.mlp…" and "layers.0.mlp…" are the same. */
export function normalizeTensorName(name: string): string {
  let rest = name;
  for (;;) {
    const prefix = wrapperPrefixes.find((candidate) => rest.startsWith(candidate));
    if (prefix === undefined || rest.length === prefix.length) return rest;
    rest = rest.slice(prefix.length);
  }
}

export interface TensorPlace {
  /** Depth from 0; null outside the layers. */
  readonly layer: number | null;
  /** What it is inside its layer: "mlp.down_proj.weight"; outside the layers the normalised name. */
  readonly module: string;
}

/** Where in the network a tensor stands, from its name. */
export function placeOfTensor(name: string): TensorPlace {
  const normalized = normalizeTensorName(name);
  const match = layerPattern.exec(normalized);
  if (match?.[1] === undefined || match[2] === undefined) return { layer: null, module: normalized };
  return { layer: Number(match[1]), module: match[2] };
}

export function isEmbedding(name: string): boolean {
  return embeddingNames.has(normalizeTensorName(name));
}

export function isOutputHead(name: string): boolean {
  return headNames.has(normalizeTensorName(name));
}

/** Its first dimension counts tokens. */
export function hasVocabularyRows(name: string): boolean {
  return isEmbedding(name) || isOutputHead(name);
}
