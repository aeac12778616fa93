import type { MergeableDtype } from "../checkpoint/dtype.ts";
import { exponentOf, floatFormats } from "./formats.ts";

const quietNan = { F32: 0x7fc00000, F16: 0x7e00, BF16: 0x7fc0 } as const;

/**
 * The bits of a value rounded once to the dtype: to nearest, ties to even, subnormals included; ±Inf beyond the largest
 * finite value. NaN becomes the quiet NaN without payload. Twin of shaders/encode.wgsl.
 */
export function encodeElement(dtype: MergeableDtype, value: number): number {
  if (Number.isNaN(value)) return quietNan[dtype];
  const { fractionBits, exponentBias, infinityBits, signBit } = floatFormats[dtype];
  const sign = value < 0 || Object.is(value, -0) ? signBit : 0;
  const magnitude = Math.abs(value);
  if (magnitude >= 2 ** (exponentBias + 1)) return sign + infinityBits;
  // Subnormals all have the exponent of the smallest normal number.
  const exponent = Math.max(exponentOf(magnitude), 1 - exponentBias);
  const ulps = roundHalfEven(magnitude * 2 ** (fractionBits - exponent));
  // The hidden bit of a normal number adds the missing 1 to the exponent field, and so does a carry out of the fraction.
  return sign + Math.min((exponent + exponentBias - 1) * 2 ** fractionBits + ulps, infinityBits);
}

/** A NaN of one dtype as a quiet NaN of another, with its sign and the top bits of its payload. */
export function convertNan(from: MergeableDtype, bits: number, to: MergeableDtype): number {
  const source = floatFormats[from];
  const result = floatFormats[to];
  const sign = (bits & source.signBit) === 0 ? 0 : result.signBit;
  const payload = (bits % 2 ** source.fractionBits) * 2 ** (result.fractionBits - source.fractionBits);
  return sign + (quietNan[to] | Math.floor(payload));
}

/** For 0 ≤ x < 2^52. */
function roundHalfEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
