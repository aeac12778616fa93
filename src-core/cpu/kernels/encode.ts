import { dtypeF16, dtypeF32, isF16, isF32 } from "./elements.ts";

/** f32 of at least this magnitude, given by bits, round to infinity in the dtype (or are infinite or NaN). */
export function overflowBits<Dtype>(): u32 {
  if (isF32<Dtype>()) return 0x7f800000;
  return isF16<Dtype>() ? 0x477ff000 : 0x7f7f8000;
}

/**
 * Stores a group of f32, rounded once to the dtype: to nearest, ties to even, subnormals included. For magnitudes below
 * overflowBits.
 */
export function storeGroup<Dtype>(address: usize, even: v128, odd: v128): void {
  if (isF32<Dtype>()) {
    v128.store(address, v128.shuffle<f32>(even, odd, 0, 4, 1, 5));
    v128.store(address, v128.shuffle<f32>(even, odd, 2, 6, 3, 7), 16);
  } else if (isF16<Dtype>()) {
    v128.store(address, v128.or(f16FromF32(even), i32x4.shl(f16FromF32(odd), 16)));
  } else {
    const high = v128.and(roundedToHalf(odd), i32x4.splat(0xffff0000));
    v128.store(address, v128.or(i32x4.shr_u(roundedToHalf(even), 16), high));
  }
}

/** bf16 in the high bits of each lane; what the low bits hold is of no use. */
function roundedToHalf(bits: v128): v128 {
  const lowest = v128.and(i32x4.shr_u(bits, 16), i32x4.splat(1));
  return i32x4.add(i32x4.add(bits, i32x4.splat(0x7fff)), lowest);
}

/**
 * f16 in the low bits of each lane. To a magnitude of exponent e (of −14 for all that become subnormal) 2^(e + 13) is added: what is then
 * left of it in the low bits is rounded to units of f16's last place. It has the hidden bit, the missing 1 of the exponent.
 */
function f16FromF32(bits: v128): v128 {
  const magnitude = v128.and(bits, i32x4.splat(0x7fffffff));
  const sign = i32x4.shr_u(v128.xor(bits, magnitude), 16);
  const exponent = i32x4.max_s(v128.and(magnitude, i32x4.splat(0x7f800000)), i32x4.splat(113 << 23));
  const sum = f32x4.add(magnitude, i32x4.add(exponent, i32x4.splat(13 << 23)));
  const rest = i32x4.sub(i32x4.sub(sum, exponent), i32x4.splat((13 << 23) + (113 << 10)));
  return v128.or(i32x4.add(rest, i32x4.shr_u(exponent, 13)), sign);
}

/** The bits of a value rounded once to the dtype. Twin of src-core/reference/encode.ts. */
export function encodeElement(dtype: u32, value: f64): u32 {
  if (isNaN(value)) return quietNan(dtype);
  const fractionBits = fractionBitsOf(dtype);
  const exponentBias: i32 = dtype === dtypeF16 ? 15 : 127;
  const infinity = u32(2 * exponentBias + 1) << fractionBits;
  const sign = u32(reinterpret<u64>(value) >>> 63) << (dtype === dtypeF32 ? 31 : 15);
  const magnitude = abs(value);
  if (magnitude >= powerOfTwo(exponentBias + 1)) return sign | infinity;
  // Subnormals all have the exponent of the smallest normal number.
  const exponent = max(i32(reinterpret<u64>(magnitude) >>> 52) - 1023, 1 - exponentBias);
  const ulps = u32(nearest(magnitude * powerOfTwo(fractionBits - exponent)));
  // The hidden bit of a normal number adds the missing 1 to the exponent field, and so does a carry out of the fraction.
  return sign | min((u32(exponent + exponentBias - 1) << fractionBits) + ulps, infinity);
}

/** A NaN of one dtype as a quiet NaN of another, with its sign and the top bits of its payload. */
export function convertNan(from: u32, bits: u32, to: u32): u32 {
  const sign = bits >>> (from === dtypeF32 ? 31 : 15);
  const fraction = bits & ((1 << fractionBitsOf(from)) - 1);
  const payload = (u64(fraction) << 23) >>> u64(23 + fractionBitsOf(from) - fractionBitsOf(to));
  return (sign << (to === dtypeF32 ? 31 : 15)) | quietNan(to) | u32(payload);
}

function fractionBitsOf(dtype: u32): i32 {
  return dtype === dtypeF32 ? 23 : dtype === dtypeF16 ? 10 : 7;
}

function quietNan(dtype: u32): u32 {
  return dtype === dtypeF32 ? 0x7fc00000 : dtype === dtypeF16 ? 0x7e00 : 0x7fc0;
}

/** For normal f64. */
function powerOfTwo(exponent: i32): f64 {
  return reinterpret<f64>(u64(1023 + exponent) << 52);
}
