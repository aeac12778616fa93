import type { Checkpoint, TensorEntry } from "../checkpoint/checkpoint.ts";
import { isEmbedding, normalizeTensorName } from "./tensor-names.ts";

/**
 * Finds in one checkpoint the tensor that another checkpoint calls by a name: the same name first, else the one name that
 * is equal without the prefixes in which classes wrap a text model.
 */
export class TensorIndex {
  readonly #byName = new Map<string, TensorEntry>();
  /** null where two tensors share a normalised name: then only exact names count. */
  readonly #byNormalizedName = new Map<string, TensorEntry | null>();
  readonly #embedding: TensorEntry | null = null;
  readonly #tied: boolean;

  constructor(checkpoint: Checkpoint) {
    for (const tensor of checkpoint.tensors) {
      this.#byName.set(tensor.name, tensor);
      const normalized = normalizeTensorName(tensor.name);
      this.#byNormalizedName.set(normalized, this.#byNormalizedName.has(normalized) ? null : tensor);
      if (isEmbedding(tensor.name)) this.#embedding ??= tensor;
    }
    this.#tied = checkpoint.config?.tieWordEmbeddings === true;
  }

  find(name: string): TensorEntry | null {
    return this.#byName.get(name) ?? this.#byNormalizedName.get(normalizeTensorName(name)) ?? null;
  }

  /**
   * The tensor that works as the output head under this name: its own, or the embedding that a model with
   * `tie_word_embeddings` uses in its place and therefore does not store twice.
   */
  findOrTied(name: string): TensorEntry | null {
    const found = this.find(name);
    if (found !== null || !this.#tied) return found;
    return normalizeTensorName(name) === "lm_head.weight" ? this.#embedding : null;
  }

  names(): IterableIterator<string> {
    return this.#byName.keys();
  }
}
