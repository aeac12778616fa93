import type { MergeableDtype } from "../checkpoint/dtype.ts";
import { decodeElement } from "./decode.ts";
import { encodeElement } from "./encode.ts";
import { exponentOf, floatFormats } from "./formats.ts";
import { type ElementVector, mergeElement } from "./merge.ts";

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
  if (outputBits === encodeElement(dtype, expected)) return true;
  const output = decodeElement(dtype, outputBits);
  if (Number.isNaN(expected) || Number.isNaN(output)) return Number.isNaN(expected) && Number.isNaN(output);

  let exact = target;
  let mass = Math.abs(target);
  for (const { scale, chat, base } of vectors) {
    exact += scale * (chat - base);
    mass += Math.abs(scale) * (Math.abs(chat) + Math.abs(base));
  }
  if (!Number.isFinite(exact)) return output === exact;
  const tolerance = relativeTolerance * mass;
  if (Number.isFinite(output)) return Math.abs(output - exact) <= halfUlp(dtype, exact) + tolerance;
  return Math.sign(output) === Math.sign(exact) && Math.abs(exact) + tolerance >= overflowThreshold(dtype);
}

/** Half of the dtype's spacing around a value. */
function halfUlp(dtype: MergeableDtype, value: number): number {
  const { fractionBits, exponentBias } = floatFormats[dtype];
  return 2 ** (Math.max(exponentOf(value), 1 - exponentBias) - fractionBits - 1);
}

/** Half an ULP above the largest finite value: from here on infinity is the nearest. */
function overflowThreshold(dtype: MergeableDtype): number {
  const { fractionBits, exponentBias } = floatFormats[dtype];
  return (2 - 2 ** (-fractionBits - 1)) * 2 ** exponentBias;
}
