import type { MeasureOperation } from "../engine/backend.ts";
import {
  emptyVectorSums,
  histogramBinCount,
  type Mutable,
  type NonFiniteElement,
  type PairSums,
  type TensorSums,
  type VectorSums,
} from "../statistics/tensor-sums.ts";
import { type MeasureExtent, partialWords, tileWords } from "./measure-table.ts";

/** Adds up, in float64, what the measure kernels wrote of one operation. `borrowedWords` are all partials of the round. */
export function sumPartials(
  { elementCount, target, vectors }: MeasureOperation,
  { wordOffset, tileCount }: MeasureExtent,
  borrowedWords: Uint32Array,
  tileElements: number,
): TensorSums {
  const vectorCount = vectors.length;
  const stride = tileWords(vectorCount);
  const sums = new OperationSums(vectorCount, target !== null);
  for (let tile = 0; tile < tileCount; tile++) {
    const start = wordOffset + tile * stride;
    sums.add(new TilePartials(borrowedWords.subarray(start, start + stride), vectorCount), tile * tileElements);
  }
  return sums.finish(elementCount);
}

class OperationSums {
  readonly #hasTarget: boolean;
  #nonFiniteCount = 0;
  #firstNonFinite: NonFiniteElement | null = null;
  #target = 0;
  readonly #vectors: Mutable<VectorSums>[];
  readonly #pairs: (Mutable<PairSums> & { readonly v: number; readonly w: number })[] = [];

  constructor(vectorCount: number, hasTarget: boolean) {
    this.#hasTarget = hasTarget;
    this.#vectors = Array.from({ length: vectorCount }, emptyVectorSums);
    for (let v = 0; v < vectorCount; v++) {
      for (let w = v + 1; w < vectorCount; w++) {
        this.#pairs.push({ v, w, vectors: 0, shiftOfFirst: 0, shiftOfSecond: 0 });
      }
    }
  }

  /** The next tile, in the order of the elements. */
  add(tile: TilePartials, firstElement: number): void {
    if (tile.nonFiniteCount > 0) {
      this.#nonFiniteCount += tile.nonFiniteCount;
      this.#firstNonFinite ??= tile.firstNonFinite(firstElement);
    }
    if (this.#hasTarget) this.#target += tile.targetSquares;
    this.#vectors.forEach((sums, v) => {
      tile.addVectorTo(sums, v, this.#hasTarget);
    });
    this.#pairs.forEach((sums, index) => {
      tile.addPairTo(sums, index, sums.v, sums.w, this.#hasTarget);
    });
  }

  finish(elementCount: number): TensorSums {
    const finiteCount = elementCount - this.#nonFiniteCount;
    // The kernels count what is not zero.
    for (const sums of this.#vectors) {
      sums.zeroCount = sums.histogram.reduce((left, count) => left - count, finiteCount);
    }
    return {
      elementCount: finiteCount,
      nonFiniteCount: this.#nonFiniteCount,
      firstNonFinite: this.#firstNonFinite,
      target: this.#target,
      vectors: this.#vectors,
      pairs: this.#pairs.map(({ vectors, shiftOfFirst, shiftOfSecond }) => ({ vectors, shiftOfFirst, shiftOfSecond })),
    };
  }
}

/** In the order of the shifts that the kernels write. */
const quantities = { target: 0, base: 1, chat: 2, tau: 3, sigma: 4 } as const;
type Quantity = keyof typeof quantities;

/** What the kernels wrote of one tile: sums in f32, of quantities that were multiplied with powers of two. */
class TilePartials {
  readonly #words: Uint32Array;
  readonly #floats: Float32Array;
  readonly #vectorCount: number;

  constructor(borrowedWords: Uint32Array, vectorCount: number) {
    this.#words = borrowedWords;
    this.#floats = new Float32Array(borrowedWords.buffer, borrowedWords.byteOffset, borrowedWords.length);
    this.#vectorCount = vectorCount;
  }

  get nonFiniteCount(): number {
    return this.#word(partialWords.nonFiniteCount);
  }

  /** The key is the index in the tile · 32 + operand; operands count target, chat 0, base 0, chat 1, … */
  firstNonFinite(firstElement: number): NonFiniteElement {
    const key = this.#word(partialWords.firstNonFinite);
    const operand = key & 31;
    const index = firstElement + (key >>> 5);
    if (operand === 0) return { index, role: "target", vector: 0 };
    return { index, role: operand % 2 === 1 ? "chat" : "base", vector: (operand - 1) >> 1 };
  }

  get targetSquares(): number {
    return this.#vectorSum(0, 0, "target", "target");
  }

  addVectorTo(sums: Mutable<VectorSums>, v: number, hasTarget: boolean): void {
    sums.base += this.#vectorSum(v, 1, "base", "base");
    sums.chat += this.#vectorSum(v, 2, "chat", "chat");
    sums.vector += this.#vectorSum(v, 3, "tau", "tau");
    if (hasTarget) {
      sums.shift += this.#vectorSum(v, 4, "sigma", "sigma");
      sums.targetVector += this.#vectorSum(v, 5, "target", "tau");
      sums.shiftVector += this.#vectorSum(v, 6, "sigma", "tau");
    }
    sums.absolute += this.#vectorSum(v, 7, "tau");
    sums.maximum = Math.max(sums.maximum, Math.fround(this.#vectorSum(v, partialWords.maximum, "tau")));
    const histogram = this.#vectorStart(v) + partialWords.histogram;
    for (let bin = 0; bin < histogramBinCount; bin++) {
      sums.histogram[bin] = (sums.histogram[bin] ?? 0) + this.#word(histogram + bin);
    }
  }

  addPairTo(sums: Mutable<PairSums>, index: number, v: number, w: number, hasTarget: boolean): void {
    const start = this.#vectorStart(this.#vectorCount) + index * partialWords.pair;
    const tauV = this.#shift(v, "tau");
    const tauW = this.#shift(w, "tau");
    sums.vectors += this.#scaledBack(start, tauV + tauW);
    if (!hasTarget) return;
    sums.shiftOfFirst += this.#scaledBack(start + 1, this.#shift(v, "sigma") + tauW);
    sums.shiftOfSecond += this.#scaledBack(start + 2, this.#shift(w, "sigma") + tauV);
  }

  /** The vector's word `index`, a sum of products of the quantities. */
  #vectorSum(v: number, index: number, ...factors: readonly Quantity[]): number {
    const shift = factors.reduce((sum, quantity) => sum + this.#shift(v, quantity), 0);
    return this.#scaledBack(this.#vectorStart(v) + index, shift);
  }

  #scaledBack(index: number, shift: number): number {
    return (this.#floats[index] ?? 0) * 2 ** -shift;
  }

  #vectorStart(v: number): number {
    return partialWords.tileHeader + v * partialWords.vector;
  }

  #shift(v: number, quantity: Quantity): number {
    return this.#word(this.#vectorStart(v) + partialWords.shifts + quantities[quantity]) | 0;
  }

  #word(index: number): number {
    return this.#words[index] ?? 0;
  }
}
