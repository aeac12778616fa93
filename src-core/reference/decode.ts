import type { MergeableDtype } from "../checkpoint/dtype.ts";
import { floatFormats } from "./formats.ts";

/** The value of an element's bits, exactly; NaN for every NaN. Twin of shaders/decode.wgsl. */
export function decodeElement(dtype: MergeableDtype, bits: number): number {
  const { fractionBits, exponentBias, infinityBits, signBit } = floatFormats[dtype];
  const sign = (bits & signBit) === 0 ? 1 : -1;
  const magnitude = (bits & (signBit - 1)) >>> 0;
  if (magnitude > infinityBits) return Number.NaN;
  if (magnitude === infinityBits) return sign * Number.POSITIVE_INFINITY;
  const hiddenBit = 2 ** fractionBits;
  const exponent = Math.floor(magnitude / hiddenBit);
  const fraction = magnitude % hiddenBit;
  // An exponent of 0 marks subnormals: no hidden bit, and the scale of exponent 1.
  const significand = exponent === 0 ? fraction : hiddenBit + fraction;
  return sign * significand * 2 ** (Math.max(exponent, 1) - exponentBias - fractionBits);
}
