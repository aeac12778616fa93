/**
 * What one pass over a tensor (or a part of one) finds. Everything else that is shown follows from these without reading
 * again. All sums run over the elements that are finite in every model that takes part, in float64 (relative error ≤ 1e-5
 * where a backend adds in f32 first), with τ = chat − base of each vector and σ = target − base of the same vector.
 * Sums of parts are added by `addTensorSums`.
 */
export interface TensorSums {
  /** Elements that the sums run over. */
  readonly elementCount: number;
  /** Elements left out because a model has NaN or an infinity there. */
  readonly nonFiniteCount: number;
  /** The first of them. */
  readonly firstNonFinite: NonFiniteElement | null;
  /** Σ target²; 0 without a target. */
  readonly target: number;
  /** In the recipe's order. */
  readonly vectors: readonly VectorSums[];
  /** For v < w in the order (0,1), (0,2), …, (1,2), …: what only two vectors together have. */
  readonly pairs: readonly PairSums[];
}

export interface VectorSums {
  /** Σ base² */
  readonly base: number;
  /** Σ chat² */
  readonly chat: number;
  /** Σ τ² */
  readonly vector: number;
  /** Σ σ²; 0 without a target, as are the next two. */
  readonly shift: number;
  /** Σ target · τ */
  readonly targetVector: number;
  /** Σ σ · τ */
  readonly shiftVector: number;
  /** Σ |τ| */
  readonly absolute: number;
  /** max |τ|, of τ rounded to f32 */
  readonly maximum: number;
  /** Elements whose chat and base are equal (−0 equals 0). */
  readonly zeroCount: number;
  /** Elements with τ ≠ 0 by |τ| rounded to f32; see histogramBinOf. */
  readonly histogram: Uint32Array;
}

export interface PairSums {
  /** Σ τ_v · τ_w */
  readonly vectors: number;
  /** Σ σ_v · τ_w; 0 without a target, as is the next. */
  readonly shiftOfFirst: number;
  /** Σ σ_w · τ_v */
  readonly shiftOfSecond: number;
}

export interface NonFiniteElement {
  /** Index of the element, from the start of what was measured. */
  readonly index: number;
  /** The model that has it; of several, the first in the order target, chat 0, base 0, chat 1, … */
  readonly role: "target" | "chat" | "base";
  /** Index of the vector; 0 for the target. */
  readonly vector: number;
}

/** Two bins an octave, by |τ|'s exponent and the first bit of its fraction: 2^-48 … 2^16. */
export const histogramBinCount = 128;
export const histogramLeastExponent = -48;

/** The bin of a positive f32 given by its bits; what lies beyond either end counts in the last bin there. */
export function histogramBinOf(f32Bits: number): number {
  const bin = (f32Bits >>> 22) - 2 * (127 + histogramLeastExponent);
  return Math.min(Math.max(bin, 0), histogramBinCount - 1);
}

/** For what is being added up. */
export type Mutable<Sums> = { -readonly [Field in keyof Sums]: Sums[Field] };

/** Of no elements yet. */
export function emptyVectorSums(): Mutable<VectorSums> {
  return {
    base: 0,
    chat: 0,
    vector: 0,
    shift: 0,
    targetVector: 0,
    shiftVector: 0,
    absolute: 0,
    maximum: 0,
    zeroCount: 0,
    histogram: new Uint32Array(histogramBinCount),
  };
}

/** The sums of two parts of a tensor, the second starting `elementOffset` elements after the first. */
export function addTensorSums(a: TensorSums, b: TensorSums, elementOffset: number): TensorSums {
  const later = b.firstNonFinite && { ...b.firstNonFinite, index: b.firstNonFinite.index + elementOffset };
  const first = a.firstNonFinite && later ? (a.firstNonFinite.index <= later.index ? a.firstNonFinite : later) : null;
  return {
    elementCount: a.elementCount + b.elementCount,
    nonFiniteCount: a.nonFiniteCount + b.nonFiniteCount,
    firstNonFinite: first ?? a.firstNonFinite ?? later,
    target: a.target + b.target,
    vectors: a.vectors.map((sums, index) => addVectorSums(sums, b.vectors[index])),
    pairs: a.pairs.map((sums, index) => addPairSums(sums, b.pairs[index])),
  };
}

function addVectorSums(a: VectorSums, b: VectorSums | undefined): VectorSums {
  if (b === undefined) throw new RangeError("sums of different vectors");
  return {
    base: a.base + b.base,
    chat: a.chat + b.chat,
    vector: a.vector + b.vector,
    shift: a.shift + b.shift,
    targetVector: a.targetVector + b.targetVector,
    shiftVector: a.shiftVector + b.shiftVector,
    absolute: a.absolute + b.absolute,
    maximum: Math.max(a.maximum, b.maximum),
    zeroCount: a.zeroCount + b.zeroCount,
    histogram: a.histogram.map((count, bin) => count + (b.histogram[bin] ?? 0)),
  };
}

function addPairSums(a: PairSums, b: PairSums | undefined): PairSums {
  if (b === undefined) throw new RangeError("sums of different vectors");
  return {
    vectors: a.vectors + b.vectors,
    shiftOfFirst: a.shiftOfFirst + b.shiftOfFirst,
    shiftOfSecond: a.shiftOfSecond + b.shiftOfSecond,
  };
}
