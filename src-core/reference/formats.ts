import type { MergeableDtype } from "../checkpoint/dtype.ts";

/** IEEE 754 binary formats, from the most significant bit: sign, exponent, fraction. */
export interface FloatFormat {
  readonly fractionBits: number;
  readonly exponentBias: number;
  /** Sign excluded: exponent all ones, fraction zero. */
  readonly infinityBits: number;
  readonly signBit: number;
}

export const floatFormats = {
  F32: { fractionBits: 23, exponentBias: 127, infinityBits: 0x7f800000, signBit: 0x80000000 },
  F16: { fractionBits: 10, exponentBias: 15, infinityBits: 0x7c00, signBit: 0x8000 },
  BF16: { fractionBits: 7, exponentBias: 127, infinityBits: 0x7f80, signBit: 0x8000 },
} as const satisfies Record<MergeableDtype, FloatFormat>;

/** ⌊log₂ x⌋ for finite x ≥ 2^-1022, exact where Math.log2 rounds. */
export function exponentOf(x: number): number {
  float64.setFloat64(0, x);
  return ((float64.getUint32(0) >>> 20) & 0x7ff) - 1023;
}

const float64 = new DataView(new ArrayBuffer(8));
