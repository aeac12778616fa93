import {
  emptyVectorSums,
  histogramBinOf,
  type Mutable,
  type NonFiniteElement,
  type PairSums,
  type TensorSums,
  type VectorSums,
} from "../statistics/tensor-sums.ts";
import { decodeElement } from "./decode.ts";
import { type Elements, readBits } from "./elements.ts";

/** As they lie in a file, or as float64 values. */
type Values = Elements | Float64Array;

export interface MeasuredVector {
  readonly chat: Values;
  readonly base: Values;
}

/** One element's values: τ = chat − base and σ = target − base of each vector; σ is 0 without a target. */
interface ElementValues {
  readonly target: number;
  readonly vectors: readonly {
    readonly chat: number;
    readonly base: number;
    readonly tau: number;
    readonly sigma: number;
  }[];
}

/**
 * What tensor-sums.ts names, of `elementCount` elements, every sum in float64. Twin of shaders/measure.wgsl, measure-pair.wgsl
 * and measure-careful.wgsl.
 */
export function measureElements(
  elementCount: number,
  target: Values | null,
  vectors: readonly MeasuredVector[],
): TensorSums {
  const sums = new Sums(vectors.length);
  for (let i = 0; i < elementCount; i++) {
    const targetValue = target === null ? 0 : valueAt(target, i);
    const pairs = vectors.map(({ chat, base }) => ({ chat: valueAt(chat, i), base: valueAt(base, i) }));
    const nonFinite = firstNonFinite(i, targetValue, pairs);
    if (nonFinite === null) sums.add(elementValues(target !== null, targetValue, pairs));
    else sums.leaveOut(nonFinite);
  }
  return sums.finish();
}

function valueAt(elements: Values, index: number): number {
  if (elements instanceof Float64Array) return at(elements, index);
  return decodeElement(elements.dtype, readBits(elements, index));
}

type Pair = Pick<ElementValues["vectors"][number], "chat" | "base">;

function firstNonFinite(index: number, target: number, pairs: readonly Pair[]): NonFiniteElement | null {
  if (!Number.isFinite(target)) return { index, role: "target", vector: 0 };
  for (const [vector, { chat, base }] of pairs.entries()) {
    if (!Number.isFinite(chat)) return { index, role: "chat", vector };
    if (!Number.isFinite(base)) return { index, role: "base", vector };
  }
  return null;
}

function elementValues(hasTarget: boolean, target: number, pairs: readonly Pair[]): ElementValues {
  const vectors = pairs.map(({ chat, base }) => ({
    chat,
    base,
    tau: chat - base,
    sigma: hasTarget ? target - base : 0,
  }));
  return { target, vectors };
}

class Sums {
  #elementCount = 0;
  #nonFiniteCount = 0;
  #firstNonFinite: NonFiniteElement | null = null;
  #target = 0;
  readonly #vectors: Mutable<VectorSums>[];
  readonly #pairs: (Mutable<PairSums> & { readonly v: number; readonly w: number })[] = [];

  constructor(vectorCount: number) {
    this.#vectors = Array.from({ length: vectorCount }, emptyVectorSums);
    for (let v = 0; v < vectorCount; v++) {
      for (let w = v + 1; w < vectorCount; w++) {
        this.#pairs.push({ v, w, vectors: 0, shiftOfFirst: 0, shiftOfSecond: 0 });
      }
    }
  }

  add({ target, vectors }: ElementValues): void {
    this.#elementCount++;
    this.#target += target * target;
    this.#vectors.forEach((sums, v) => {
      const { chat, base, tau, sigma } = at(vectors, v);
      sums.base += base * base;
      sums.chat += chat * chat;
      sums.vector += tau * tau;
      sums.shift += sigma * sigma;
      sums.targetVector += target * tau;
      sums.shiftVector += sigma * tau;
      sums.absolute += Math.abs(tau);
      sums.maximum = Math.max(sums.maximum, Math.fround(Math.abs(tau)));
      if (tau === 0) sums.zeroCount++;
      else count(sums.histogram, histogramBinOf(f32BitsOf(Math.abs(tau))));
    });
    for (const pair of this.#pairs) {
      const [first, second] = [at(vectors, pair.v), at(vectors, pair.w)];
      pair.vectors += first.tau * second.tau;
      pair.shiftOfFirst += first.sigma * second.tau;
      pair.shiftOfSecond += second.sigma * first.tau;
    }
  }

  leaveOut(element: NonFiniteElement): void {
    this.#nonFiniteCount++;
    this.#firstNonFinite ??= element;
  }

  finish(): TensorSums {
    return {
      elementCount: this.#elementCount,
      nonFiniteCount: this.#nonFiniteCount,
      firstNonFinite: this.#firstNonFinite,
      target: this.#target,
      vectors: this.#vectors,
      pairs: this.#pairs.map(({ vectors, shiftOfFirst, shiftOfSecond }) => ({ vectors, shiftOfFirst, shiftOfSecond })),
    };
  }
}

function at<T>(items: ArrayLike<T>, index: number): T {
  const item = items[index];
  if (item === undefined) throw new RangeError(`${index} of ${items.length}`);
  return item;
}

function count(histogram: Uint32Array, bin: number): void {
  histogram[bin] = at(histogram, bin) + 1;
}

const float32 = new DataView(new ArrayBuffer(4));

function f32BitsOf(value: number): number {
  float32.setFloat32(0, value);
  return float32.getUint32(0);
}
