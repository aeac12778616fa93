import type { MergeableDtype } from "../checkpoint/dtype.ts";
import { decodeElement } from "./decode.ts";
import { encodeElement } from "./encode.ts";
import { type ElementVector, mergeElement } from "./merge.ts";

/** Binary digits after the point of a dtype's significand, its least exponent, and its largest finite value. */
const formats = {
  F32: { fractionBits: 23, leastExponent: -126, largest: (2 - 2 ** -23) * 2 ** 127 },
  BF16: { fractionBits: 7, leastExponent: -126, largest: (2 - 2 ** -7) * 2 ** 127 },
  F16: { fractionBits: 10, leastExponent: -14, largest: 65504 },
} as const;

/** f32's own error in the sum, relative to the magnitudes that went into it. */
const relativeTolerance = 2 ** -22;

/**
 * Whether one written element keeps the contract: the reference's own bits; else a value within half an ULP of the output
 * dtype plus 2^-22 · (|target| + Σ|λ|(|chat| + |base|)) of the exact result; NaN where the reference has NaN.
 * Evaluated in float64, whose error (2^-53) vanishes beside the tolerance.
 */
export function meetsContract(
  outputBits: number,
  dtype: MergeableDtype,
  target: number,
  vectors: readonly ElementVector[],
): boolean {
  const expected = mergeElement(target, vectors);
  const expectedBits = encodeElement(dtype, expected);
  if (outputBits === expectedBits) return true;
  const output = decodeElement(dtype, outputBits);
  if (Number.isNaN(expected) || Number.isNaN(output)) return Number.isNaN(expected) && Number.isNaN(output);

  let exact = target;
  let mass = Math.abs(target);
  for (const { scale, chat, base } of vectors) {
    exact += scale * (chat - base);
    mass += Math.abs(scale) * (Math.abs(chat) + Math.abs(base));
  }
  if (!Number.isFinite(exact)) return output === exact;
  const { fractionBits, leastExponent, largest } = formats[dtype];
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(exact) || 2 ** leastExponent)), leastExponent);
  const tolerance = 2 ** (exponent - fractionBits - 1) + relativeTolerance * mass;
  if (Number.isFinite(output)) return Math.abs(output - exact) <= tolerance;
  // Beside the overflow threshold an infinity is the nearest value too.
  return Math.sign(output) === Math.sign(exact) && Math.abs(exact) + tolerance >= largest;
}
