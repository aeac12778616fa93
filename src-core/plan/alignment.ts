import type { Checkpoint, TensorEntry } from "../checkpoint/checkpoint.ts";
import { projectionLayout } from "./projections.ts";
import { isEmbedding, isHeadWeight, normalizeTensorName, placeOfTensor } from "./tensor-names.ts";
import { weightsOf } from "./weights.ts";

/**
 * Finds in one checkpoint the tensor that another checkpoint calls by a name: the same name first, else the one name that
 * is equal without the prefixes in which classes wrap a text model.
 */
export class TensorIndex {
  readonly #byName = new Map<string, TensorEntry>();
  /** The first tensor of each name without prefixes; nearly always the only one. */
  readonly #byNormalizedName = new Map<string, TensorEntry>();
  readonly #furtherByNormalizedName = new Map<string, TensorEntry[]>();
  readonly #embedding: TensorEntry | null = null;
  readonly #hasHead: boolean;
  /** As config.json says; undefined without one. */
  readonly #tied: boolean | null | undefined;
  /** How each layer's projections are stored; made at first need. */
  #layouts: Map<string, string> | null = null;

  constructor(checkpoint: Checkpoint) {
    for (const tensor of weightsOf(checkpoint).tensors) {
      this.#byName.set(tensor.name, tensor);
      const normalized = normalizeTensorName(tensor.name);
      if (!this.#byNormalizedName.has(normalized)) this.#byNormalizedName.set(normalized, tensor);
      else {
        const further = this.#furtherByNormalizedName.get(normalized) ?? [];
        this.#furtherByNormalizedName.set(normalized, [...further, tensor]);
      }
      if (isEmbedding(tensor.name)) this.#embedding ??= tensor;
    }
    this.#hasHead = checkpoint.tensors.some(({ name }) => isHeadWeight(name));
    this.#tied = checkpoint.config?.tieWordEmbeddings;
  }

  /** Null too where several tensors could be meant: `alike` names them. */
  find(name: string): TensorEntry | null {
    const exact = this.#byName.get(name);
    if (exact !== undefined) return exact;
    const normalized = normalizeTensorName(name);
    if (this.#furtherByNormalizedName.has(normalized)) return null;
    return this.#byNormalizedName.get(normalized) ?? null;
  }

  hasExactly(name: string): boolean {
    return this.#byName.has(name);
  }

  /** Names that are the same without wrapping prefixes. */
  alike(name: string): string[] {
    const normalized = normalizeTensorName(name);
    const first = this.#byNormalizedName.get(normalized);
    if (first === undefined) return [];
    return [first, ...(this.#furtherByNormalizedName.get(normalized) ?? [])].map((tensor) => tensor.name);
  }

  /**
   * The tensor that works under this name. A tied output head is the embedding: a model does not store it, and where its
   * files have one all the same, loading it puts the embedding in its place.
   */
  findOrTied(name: string): TensorEntry | null {
    return isHeadWeight(name) && this.#isTied() ? this.#embedding : this.find(name);
  }

  /** The embedding's name for a head that is tied to it, be it stored or not; any other name as it is. */
  tiedName(name: string): string {
    return isHeadWeight(name) && this.#isTied() ? (this.#embedding?.name ?? name) : name;
  }

  get embedding(): TensorEntry | null {
    return this.#embedding;
  }

  names(): IterableIterator<string> {
    return this.#byName.keys();
  }

  /** How this checkpoint stores what the tensor of another one is part of, where it does so in another way; else null. */
  otherLayout(name: string): { readonly expected: string; readonly actual: string } | null {
    const wanted = layoutOf(name);
    if (wanted === null) return null;
    if (this.#layouts === null) {
      const layouts = [...this.#byName.keys()].flatMap((each) => layoutOf(each) ?? []);
      this.#layouts = new Map(layouts.map(({ group, layout }) => [group, layout]));
    }
    const actual = this.#layouts.get(wanted.group);
    return actual === undefined || actual === wanted.layout ? null : { expected: wanted.layout, actual };
  }

  /** A config that says nothing of ties leaves it to the model's class, and then weights without a head are tied ones. */
  #isTied(): boolean {
    if (this.#embedding === null || this.#tied === false) return false;
    return this.#tied === true || (this.#tied === null && !this.#hasHead);
  }
}

function layoutOf(name: string) {
  const { layer, module } = placeOfTensor(name);
  return projectionLayout(layer, module);
}
