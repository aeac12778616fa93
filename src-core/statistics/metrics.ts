import { pairIndex, type TensorStatistics, type VectorStatistics } from "./tensor-statistics.ts";

/** What is shown of a tensor, or of several together, at the present λ. A value without its models is null. */
export interface Metrics {
  /** Frobenius norms. */
  readonly base: number | null;
  readonly chat: number | null;
  readonly target: number | null;
  /** ‖τ‖ */
  readonly vector: number | null;
  /** ‖σ‖ = ‖target − base‖ */
  readonly shift: number | null;
  /** ‖target + Σ λ τ‖ */
  readonly merged: number | null;
  /** ‖Σ λ τ‖: how far merging moves the target. */
  readonly mergedShift: number | null;
  /** ‖τ‖ / ‖base‖ */
  readonly relative: number | null;
  /** ‖τ‖ / ‖target‖ */
  readonly relativeToTarget: number | null;
  /** ‖Σ λ τ‖ / ‖target‖ */
  readonly mergedShiftRelative: number | null;
  /** cos(τ, σ) */
  readonly cosine: number | null;
  /** max |τ| */
  readonly maximum: number | null;
  /** mean |τ| */
  readonly mean: number | null;
  /** Share of elements with τ = 0. */
  readonly zeroFraction: number | null;
}

/** One tensor and its λ for each vector. */
export interface ScaledTensor {
  readonly statistics: TensorStatistics;
  readonly scales: readonly number[];
}

/**
 * The metrics of some tensors taken together, as if they were one long vector: inner products add. `vector` is the one that
 * base, chat, τ and σ are shown of; the merged model's figures take all vectors. Nothing is read again for another λ.
 */
export function metricsOf(tensors: readonly ScaledTensor[], vector: number): Metrics {
  const sums = { count: 0, zero: 0, base: 0, chat: 0, tau: 0, sigma: 0, sigmaTau: 0, absolute: 0, maximum: 0 };
  let target: number | null = 0;
  let merged = 0;
  let moved = 0;
  for (const { statistics, scales } of tensors) {
    const own = statistics.vectors[vector];
    if (own !== undefined) addVectorSums(sums, own);
    target = statistics.target === null || target === null ? null : target + statistics.target;
    const movedSquared = movedSquaredOf(statistics, scales);
    moved += movedSquared;
    merged += (statistics.target ?? 0) + 2 * crossWithTarget(statistics, scales) + movedSquared;
  }
  const reached = sums.count > 0;
  const hasTarget = target !== null;
  const norms = {
    base: reached ? Math.sqrt(sums.base) : null,
    chat: reached ? Math.sqrt(sums.chat) : null,
    vector: reached ? Math.sqrt(sums.tau) : null,
    target: target === null ? null : Math.sqrt(target),
    shift: hasTarget && reached ? Math.sqrt(sums.sigma) : null,
    merged: hasTarget ? Math.sqrt(Math.max(merged, 0)) : null,
    mergedShift: hasTarget ? Math.sqrt(moved) : null,
  };
  return {
    ...norms,
    relative: ratio(norms.vector, norms.base),
    relativeToTarget: ratio(norms.vector, norms.target),
    mergedShiftRelative: ratio(norms.mergedShift, norms.target),
    cosine: hasTarget && reached ? cosineOf(sums.sigmaTau, sums.tau, sums.sigma) : null,
    maximum: reached ? sums.maximum : null,
    mean: reached ? sums.absolute / sums.count : null,
    zeroFraction: reached ? sums.zero / sums.count : null,
  };
}

/** cos(τ_v, τ_w) over some tensors; null where a vector is zero. */
export function cosineOfVectors(tensors: readonly TensorStatistics[], v: number, w: number): number | null {
  if (v === w) return 1;
  let cross = 0;
  let first = 0;
  let second = 0;
  for (const { vectors, pairs } of tensors) {
    cross += pairs[pairIndex(Math.min(v, w), Math.max(v, w), vectors.length)]?.vectors ?? 0;
    first += vectors[v]?.vector ?? 0;
    second += vectors[w]?.vector ?? 0;
  }
  return cosineOf(cross, first, second);
}

type Sums = {
  count: number;
  zero: number;
  base: number;
  chat: number;
  tau: number;
  sigma: number;
  sigmaTau: number;
  absolute: number;
  maximum: number;
};

function addVectorSums(sums: Sums, own: VectorStatistics): void {
  sums.count += own.elementCount;
  sums.zero += own.zeroCount;
  sums.base += own.base;
  sums.chat += own.chat;
  sums.tau += own.vector;
  sums.sigma += own.shift;
  sums.sigmaTau += own.shiftVector;
  sums.absolute += own.absolute;
  sums.maximum = Math.max(sums.maximum, own.maximum);
}

/** ‖Σ λ τ‖² */
function movedSquaredOf({ vectors, pairs }: TensorStatistics, scales: readonly number[]): number {
  let sum = 0;
  vectors.forEach((first, v) => {
    const scale = scales[v] ?? 0;
    sum += scale * scale * first.vector;
    for (let w = v + 1; w < vectors.length; w++) {
      sum += 2 * scale * (scales[w] ?? 0) * (pairs[pairIndex(v, w, vectors.length)]?.vectors ?? 0);
    }
  });
  // Opposite vectors can cancel to a rounding error below zero.
  return Math.max(sum, 0);
}

/** ⟨target, Σ λ τ⟩ */
function crossWithTarget({ vectors }: TensorStatistics, scales: readonly number[]): number {
  return vectors.reduce((sum, { targetVector }, v) => sum + (scales[v] ?? 0) * targetVector, 0);
}

function cosineOf(cross: number, first: number, second: number): number | null {
  const product = Math.sqrt(first) * Math.sqrt(second);
  return product > 0 ? Math.min(Math.max(cross / product, -1), 1) : null;
}

function ratio(numerator: number | null, denominator: number | null): number | null {
  return numerator === null || denominator === null || denominator === 0 ? null : numerator / denominator;
}
