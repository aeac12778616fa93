/**
 * Prefixes that wrap the same text model in different classes, in any nesting: `model.language_model.` and
 * `language_model.model.` are how multimodal ones nest it (`text_model.` Idefics, `llm.` MiniCPM-V, `thinker.` Qwen-Omni),
 * `base_model.model.` PEFT, `module.` data parallelism.
 */
const wrapperPrefixes = [
  "model.",
  "language_model.",
  "text_model.",
  "llm.",
  "thinker.",
  "transformer.",
  "base_model.",
  "module.",
  "gpt_neox.",
  "bert.",
  "backbone.",
];

/** What torch.compile, FSDP and activation checkpointing put in front of any module, at any depth. */
const wrappedModules = /(^|\.)(?:(?:_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module)\.)+/g;

/** A stack of layers of the text model itself; another stack (a vision tower, say) has its own depth and is not one. */
const layerPattern = /^(?:encoder\.|decoder\.)?(?:layers|layer|h|blocks|block)\.(\d+)\.(.+)$/;

const embeddingNames = new Set([
  "embed_tokens.weight",
  "tok_embeddings.weight",
  "wte.weight",
  "word_embeddings.weight",
  "embeddings.word_embeddings.weight",
  "embed_in.weight",
  "embedding.word_embeddings.weight",
]);

const headNames = new Set([
  "lm_head.weight",
  "lm_head.bias",
  "embed_out.weight",
  "output.weight",
  "output_layer.weight",
]);

/** The name without the prefixes in which classes wrap a text model: "model.layers.0.mlp…" and "layers.0.mlp…" are the same. */
export function normalizeTensorName(name: string): string {
  return normalizedName(name);
}

const normalizedName = remembering((name) => {
  let rest = name.includes("_") ? name.replace(wrappedModules, "$1") : name;
  for (;;) {
    const prefix = wrapperPrefixes.find((candidate) => rest.startsWith(candidate));
    if (prefix === undefined || rest.length === prefix.length) return rest;
    rest = rest.slice(prefix.length);
  }
});

export interface TensorPlace {
  /** Depth from 0; null outside the layers. */
  readonly layer: number | null;
  /** What it is inside its layer: "mlp.down_proj.weight"; outside the layers the normalised name. */
  readonly module: string;
}

/** Where in the network a tensor stands, from its name. */
export function placeOfTensor(name: string): TensorPlace {
  return place(name);
}

const place = remembering((name): TensorPlace => {
  const normalized = normalizeTensorName(name);
  const match = layerPattern.exec(normalized);
  if (match?.[1] === undefined || match[2] === undefined) return { layer: null, module: normalized };
  return { layer: Number(match[1]), module: match[2] };
});

export function isEmbedding(name: string): boolean {
  return embeddingNames.has(normalizeTensorName(name));
}

function isOutputHead(name: string): boolean {
  return headNames.has(normalizeTensorName(name));
}

/** The head's matrix, which may be tied to the embedding; a bias never is. */
export function isHeadWeight(name: string): boolean {
  return isOutputHead(name) && !name.endsWith(".bias");
}

/** Its first dimension counts tokens. */
export function hasVocabularyRows(name: string): boolean {
  return isEmbedding(name) || isOutputHead(name);
}

/** A plan asks some twenty times for each of its names, in three models that mostly have the same ones: 70,000 in the largest. */
const rememberedNames = 100_000;

/** The same function, which keeps what it has found. */
function remembering<Found>(find: (name: string) => Found): (name: string) => Found {
  const known = new Map<string, Found>();
  return (name) => {
    let found = known.get(name);
    if (found === undefined) {
      found = find(name);
      if (known.size >= rememberedNames) known.clear();
      known.set(name, found);
    }
    return found;
  };
}
