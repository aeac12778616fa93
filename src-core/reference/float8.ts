import type { Float8Dtype } from "../checkpoint/dtype.ts";

interface Float8Format {
  readonly fractionBits: number;
  readonly exponentBias: number;
  /** The bits that mean NaN. */
  readonly isNan: (bits: number) => boolean;
  /** The magnitude's bits that mean infinity; null where the format has none. */
  readonly infinityBits: number | null;
}

/** OCP 8-bit floating point specification, section 5; FNUZ: Noune et al., arXiv 2206.02915. */
const formats: Readonly<Record<Float8Dtype, Float8Format>> = {
  F8_E4M3: { fractionBits: 3, exponentBias: 7, isNan: (bits) => (bits & 0x7f) === 0x7f, infinityBits: null },
  F8_E5M2: { fractionBits: 2, exponentBias: 15, isNan: (bits) => (bits & 0x7f) > 0x7c, infinityBits: 0x7c },
  F8_E4M3FNUZ: { fractionBits: 3, exponentBias: 8, isNan: (bits) => bits === 0x80, infinityBits: null },
  F8_E5M2FNUZ: { fractionBits: 2, exponentBias: 16, isNan: (bits) => bits === 0x80, infinityBits: null },
};

/** The value of an FP8 element's byte, exactly. */
export function decodeFloat8(dtype: Float8Dtype, bits: number): number {
  const { fractionBits, exponentBias, isNan, infinityBits } = formats[dtype];
  if (isNan(bits)) return Number.NaN;
  const sign = bits < 0x80 ? 1 : -1;
  const magnitude = bits & 0x7f;
  if (magnitude === infinityBits) return sign * Number.POSITIVE_INFINITY;
  const exponent = magnitude >> fractionBits;
  const fraction = magnitude % 2 ** fractionBits;
  const significand = exponent === 0 ? fraction : 2 ** fractionBits + fraction;
  return sign * significand * 2 ** (Math.max(exponent, 1) - exponentBias - fractionBits);
}

/** A bare power of two, as scales of blocks are stored: OCP Microscaling Formats, section 5.4.1. */
export function decodeE8M0(bits: number): number {
  return bits === 0xff ? Number.NaN : 2 ** (bits - 127);
}
