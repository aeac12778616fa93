import {
  emptyVectorSums,
  type Mutable,
  type NonFiniteElement,
  type PairSums,
  type TensorSums,
  type VectorSums,
} from "./tensor-sums.ts";

/** What the measuring pass keeps of one tensor, whole. Plain data: it crosses processes and is kept on disk. */
export interface TensorStatistics {
  readonly name: string;
  readonly elementCount: number;
  /** Σ target² over all elements; null without a target. */
  readonly target: number | null;
  /** In the recipe's order. */
  readonly vectors: readonly VectorStatistics[];
  /** For v < w in the order (0,1), (0,2), …, (1,2), … */
  readonly pairs: readonly PairSums[];
  readonly nonFiniteCount: number;
  readonly firstNonFinite: NonFiniteElement | null;
}

export interface VectorStatistics extends VectorSums {
  /** Elements that this vector reaches; 0 where chat or base lacks the tensor. */
  readonly elementCount: number;
}

/** Gathers a tensor's spans and chunks, in whatever order they are done. */
export class StatisticsBuilder {
  readonly #name: string;
  readonly #elementCount: number;
  readonly #hasTarget: boolean;
  #target = 0;
  #nonFiniteCount = 0;
  #firstNonFinite: NonFiniteElement | null = null;
  readonly #vectors: Mutable<VectorStatistics>[];
  readonly #pairs: Mutable<PairSums>[];

  constructor(
    tensor: { readonly name: string; readonly elementCount: number },
    vectorCount: number,
    hasTarget: boolean,
  ) {
    this.#name = tensor.name;
    this.#elementCount = tensor.elementCount;
    this.#hasTarget = hasTarget;
    this.#vectors = Array.from({ length: vectorCount }, () => ({ elementCount: 0, ...emptyVectorSums() }));
    this.#pairs = Array.from({ length: (vectorCount * (vectorCount - 1)) / 2 }, () => ({
      vectors: 0,
      shiftOfFirst: 0,
      shiftOfSecond: 0,
    }));
  }

  /**
   * Adds the sums of a chunk that starts at `elementOffset` of the tensor. `vectorIndices` says which of the recipe's vectors
   * its vectors are.
   */
  add(sums: TensorSums, elementOffset: number, vectorIndices: readonly number[]): void {
    this.#target += sums.target;
    this.#nonFiniteCount += sums.nonFiniteCount;
    this.#noteNonFinite(sums.firstNonFinite, elementOffset, vectorIndices);
    vectorIndices.forEach((vector, index) => {
      const from = sums.vectors[index];
      const to = this.#vectors[vector];
      if (from === undefined || to === undefined) throw new RangeError(`no sums of vector ${vector}`);
      addVector(to, from, sums.elementCount);
    });
    let pair = 0;
    for (let first = 0; first < vectorIndices.length; first++) {
      for (let second = first + 1; second < vectorIndices.length; second++, pair++) {
        const from = sums.pairs[pair];
        const to = this.#pairs[pairIndex(vectorIndices[first] ?? 0, vectorIndices[second] ?? 0, this.#vectors.length)];
        if (from === undefined || to === undefined) throw new RangeError("no sums of a pair");
        to.vectors += from.vectors;
        to.shiftOfFirst += from.shiftOfFirst;
        to.shiftOfSecond += from.shiftOfSecond;
      }
    }
  }

  finish(): TensorStatistics {
    return {
      name: this.#name,
      elementCount: this.#elementCount,
      target: this.#hasTarget ? this.#target : null,
      vectors: this.#vectors,
      pairs: this.#pairs,
      nonFiniteCount: this.#nonFiniteCount,
      firstNonFinite: this.#firstNonFinite,
    };
  }

  #noteNonFinite(found: NonFiniteElement | null, elementOffset: number, vectorIndices: readonly number[]): void {
    if (found === null) return;
    const index = found.index + elementOffset;
    if (this.#firstNonFinite !== null && this.#firstNonFinite.index <= index) return;
    const vector = found.role === "target" ? 0 : (vectorIndices[found.vector] ?? 0);
    this.#firstNonFinite = { role: found.role, vector, index };
  }
}

/** Where the pair (first, second), first < second, stands among the pairs of `vectorCount` vectors. */
export function pairIndex(first: number, second: number, vectorCount: number): number {
  return first * vectorCount - (first * (first + 1)) / 2 + (second - first - 1);
}

function addVector(to: Mutable<VectorStatistics>, from: VectorSums, elementCount: number): void {
  to.elementCount += elementCount;
  to.base += from.base;
  to.chat += from.chat;
  to.vector += from.vector;
  to.shift += from.shift;
  to.targetVector += from.targetVector;
  to.shiftVector += from.shiftVector;
  to.absolute += from.absolute;
  to.maximum = Math.max(to.maximum, from.maximum);
  to.zeroCount += from.zeroCount;
  from.histogram.forEach((count, bin) => {
    to.histogram[bin] = (to.histogram[bin] ?? 0) + count;
  });
}
