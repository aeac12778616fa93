import {
  histogramBinCount,
  histogramBinOf,
  type NonFiniteElement,
  type TensorSums,
} from "../statistics/tensor-sums.ts";
import { elementOf, toNumber } from "./exact.ts";
import type { CaseElements } from "./numeric-case.ts";

/** Values of one vector's models and of the target; the arrays are as long as each other. */
export interface ModelValues {
  readonly target: Float32Array;
  readonly chat: Float32Array;
  readonly base: Float32Array;
}

/**
 * The sums of one vector in float64, for more elements than exactSums has time for. Their error, at most elementCount · 2^-53
 * relative to the magnitudes, is nothing beside 1e-5.
 */
export function float64Sums({ target, chat, base }: ModelValues): TensorSums {
  const histogram = new Uint32Array(histogramBinCount);
  const magnitude = new Float32Array(1);
  const magnitudeBits = new Uint32Array(magnitude.buffer);
  const sums = { base: 0, chat: 0, vector: 0, shift: 0, targetVector: 0, shiftVector: 0, absolute: 0 };
  let [targetSum, maximum, zeroCount, nonFiniteCount] = [0, 0, 0, 0];
  let firstNonFinite: NonFiniteElement | null = null;
  for (let index = 0; index < base.length; index++) {
    const [t, c, b] = [target[index] ?? 0, chat[index] ?? 0, base[index] ?? 0];
    // Inf − Inf and 0 · NaN are NaN.
    if (Number.isNaN(0 * t + 0 * c + 0 * b)) {
      nonFiniteCount++;
      const role = !Number.isFinite(t) ? "target" : !Number.isFinite(c) ? "chat" : "base";
      firstNonFinite ??= { index, role, vector: 0 };
      continue;
    }
    const [tau, sigma] = [c - b, t - b];
    targetSum += t * t;
    sums.base += b * b;
    sums.chat += c * c;
    sums.vector += tau * tau;
    sums.shift += sigma * sigma;
    sums.targetVector += t * tau;
    sums.shiftVector += sigma * tau;
    sums.absolute += Math.abs(tau);
    if (tau === 0) {
      zeroCount++;
      continue;
    }
    magnitude[0] = Math.abs(tau);
    maximum = Math.max(maximum, magnitude[0]);
    const bin = histogramBinOf(magnitudeBits[0] ?? 0);
    histogram[bin] = (histogram[bin] ?? 0) + 1;
  }
  return {
    elementCount: base.length - nonFiniteCount,
    nonFiniteCount,
    firstNonFinite,
    target: targetSum,
    vectors: [{ ...sums, maximum, zeroCount, histogram }],
    pairs: [],
  };
}

/** Every dtype's values are f32 values. */
export function f32ValuesOf({ dtype, bits }: CaseElements): Float32Array {
  if (dtype === "F32") return new Float32Array(bits.buffer, bits.byteOffset, bits.length);
  if (dtype === "BF16") return new Float32Array(bits.map((pattern) => pattern << 16).buffer);
  return Float32Array.from(bits, (pattern) => {
    const { kind, isNegative, value } = elementOf(dtype, pattern);
    if (kind === "nan") return Number.NaN;
    return kind === "finite" ? toNumber(value) : isNegative ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  });
}
