import type { MergeableDtype } from "../checkpoint/dtype.ts";

/**
 * Arithmetic without any rounding, and independent of the code under test: a finite float is an integer count of 2^-320, so
 * products of an f32 element and an f32 λ (multiples of 2^-298) and tolerances 2^-22 below them are integers as well.
 */
export type Exact = bigint;

const unitExponent = 320;
export const relativeToleranceExponent = 22n;

interface Format {
  readonly fractionBits: number;
  readonly largestExponent: number;
  /** Of the format's smallest spacing, in units: that of subnormals, and of the exponent field 1. */
  readonly leastShift: number;
}

function formatOf(fractionBits: number, exponentBits: number): Format {
  const largestExponent = 2 ** exponentBits - 2;
  return { fractionBits, largestExponent, leastShift: unitExponent + 1 - largestExponent / 2 - fractionBits };
}

const formats: Record<MergeableDtype, Format> = { F32: formatOf(23, 8), F16: formatOf(10, 5), BF16: formatOf(7, 8) };

export type Kind = "finite" | "infinite" | "nan";

/** An element's bits taken apart. */
export interface Element {
  readonly kind: Kind;
  readonly isNegative: boolean;
  /** 0 unless finite. */
  readonly value: Exact;
}

export function elementOf(dtype: MergeableDtype, bits: number): Element {
  const { fractionBits, largestExponent, leastShift } = formats[dtype];
  const exponent = Math.floor(bits / 2 ** fractionBits) % (largestExponent + 2);
  const fraction = bits % 2 ** fractionBits;
  const isNegative = bits >= (largestExponent + 2) * 2 ** fractionBits;
  if (exponent > largestExponent) return { kind: fraction === 0 ? "infinite" : "nan", isNegative, value: 0n };
  const significand = exponent === 0 ? fraction : fraction + 2 ** fractionBits;
  const magnitude = BigInt(significand) << BigInt(leastShift + Math.max(exponent, 1) - 1);
  return { kind: "finite", isNegative, value: isNegative ? -magnitude : magnitude };
}

/** λ, which is an f32. */
export function exactScale(scale: number): Exact {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, scale);
  return elementOf("F32", view.getUint32(0)).value;
}

/** The product of two exact numbers, itself exact. */
export function times(a: Exact, b: Exact): Exact {
  return (a * b) >> BigInt(unitExponent);
}

export function abs(a: Exact): Exact {
  return a < 0n ? -a : a;
}

/** Half of the dtype's spacing at this magnitude. */
export function halfUlp(dtype: MergeableDtype, magnitude: Exact): Exact {
  return 1n << BigInt(ulpShift(dtype, exponentField(dtype, magnitude)) - 1);
}

/** From here on (half an ULP above the largest finite value) rounding to nearest gives infinity. */
export function overflowThreshold(dtype: MergeableDtype): Exact {
  return overflowThresholds[dtype];
}

/** The dtype's bits nearest to the value, ties to even; without the sign of zero. */
export function nearestBits(dtype: MergeableDtype, value: Exact): number {
  const { fractionBits, largestExponent } = formats[dtype];
  const magnitude = abs(value);
  const sign = value < 0n ? (largestExponent + 2) * 2 ** fractionBits : 0;
  if (magnitude >= overflowThreshold(dtype)) return sign + (largestExponent + 1) * 2 ** fractionBits;
  const exponent = exponentField(dtype, magnitude);
  const ulp = 1n << BigInt(ulpShift(dtype, exponent));
  let count = magnitude / ulp;
  const twiceRest = 2n * (magnitude % ulp);
  if (twiceRest > ulp || (twiceRest === ulp && count % 2n === 1n)) count += 1n;
  return sign + (exponent - 1) * 2 ** fractionBits + Number(count);
}

/** For messages. */
export function toNumber(value: Exact): number {
  const dropped = Math.max(0, bitLength(abs(value)) - 64);
  return Number(value >> BigInt(dropped)) * 2 ** (dropped - unitExponent);
}

/** Of the floats around a magnitude; 1 for subnormals. */
function exponentField(dtype: MergeableDtype, magnitude: Exact): number {
  const { fractionBits, leastShift } = formats[dtype];
  return Math.max(1, bitLength(magnitude) - leastShift - fractionBits);
}

/** Of the spacing of floats with this exponent field, in units. */
function ulpShift(dtype: MergeableDtype, exponent: number): number {
  return formats[dtype].leastShift + exponent - 1;
}

function bitLength(magnitude: bigint): number {
  if (magnitude === 0n) return 0;
  // Below 2^1024; a magnitude just under a power of two may have been rounded up to it.
  float64.setFloat64(0, Number(magnitude));
  const exponent = (float64.getUint32(0) >>> 20) - 1023;
  return magnitude >> BigInt(exponent) === 0n ? exponent : exponent + 1;
}

const float64 = new DataView(new ArrayBuffer(8));

const overflowThresholds = { F32: thresholdOf("F32"), F16: thresholdOf("F16"), BF16: thresholdOf("BF16") };

function thresholdOf(dtype: MergeableDtype): Exact {
  const { fractionBits, largestExponent } = formats[dtype];
  return BigInt(2 ** (fractionBits + 2) - 1) << BigInt(ulpShift(dtype, largestExponent) - 1);
}
