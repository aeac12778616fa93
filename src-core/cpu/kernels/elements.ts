/**
 * Elements of F32, F16 or BF16 as they lie in a file (packed, little-endian) → f32, exactly. Kernels work on groups of eight
 * elements in two vectors of f32: 0, 2, 4, 6 ("even") and 1, 3, 5, 7 ("odd"), the order in which two 16-bit elements share a word.
 *
 * Where a kernel is compiled for a dtype, a type stands for it: f32 itself, and the two types named here.
 */

/** Only the name of a dtype: the unsigned 16-bit type. */
export type F16 = u16;
/** Only the name of a dtype: the signed 16-bit type. */
export type BF16 = i16;

/** As numbered in src-core/cpu/operation-table.ts. */
export const dtypeF32: u32 = 0;
export const dtypeF16: u32 = 1;
export const dtypeBF16: u32 = 2;

export const groupElements: u32 = 8;

export function isF32<Dtype>(): bool {
  return isFloat<Dtype>();
}

export function isF16<Dtype>(): bool {
  return !isFloat<Dtype>() && !isSigned<Dtype>();
}

/** The group at `address`, or its first half. */
export function firstOf(address: usize): v128 {
  return v128.load(address);
}

/** The second half of a group of F32; other groups have none. */
export function secondOf<Dtype>(address: usize, first: v128): v128 {
  return isF32<Dtype>() ? v128.load(address, 16) : first;
}

export function evenOf<Dtype>(first: v128, second: v128): v128 {
  if (isF32<Dtype>()) return v128.shuffle<f32>(first, second, 0, 2, 4, 6);
  if (isF16<Dtype>()) return f32FromF16(i32x4.shr_u(i32x4.shl(first, 17), 4), i32x4.shl(first, 16));
  return i32x4.shl(first, 16);
}

export function oddOf<Dtype>(first: v128, second: v128): v128 {
  if (isF32<Dtype>()) return v128.shuffle<f32>(first, second, 1, 3, 5, 7);
  if (isF16<Dtype>()) return f32FromF16(i32x4.shr_u(v128.and(first, i32x4.splat(0x7fff0000)), 3), first);
  return v128.and(first, i32x4.splat(0xffff0000));
}

/** Four elements in their own order; of F16 only finite ones. */
export function fourOf<Dtype>(address: usize): v128 {
  if (isF32<Dtype>()) return v128.load(address);
  const halves = v128.load_ext<u16>(address);
  if (isF16<Dtype>()) return f32FromF16(i32x4.shr_u(i32x4.shl(halves, 17), 4), i32x4.shl(halves, 16));
  return i32x4.shl(halves, 16);
}

/**
 * The larger of `largest` and the group's 16-bit magnitudes, where decoding needs to be told of infinities and NaN: an f16 of
 * `infiniteF16` or more decodes to something else.
 */
export function largestHalf<Dtype>(largest: v128, first: v128): v128 {
  return isF16<Dtype>() ? i16x8.max_s(largest, v128.and(first, i16x8.splat(0x7fff))) : largest;
}

export const infiniteF16: i16 = 0x7c00;

/**
 * Finite f16 → f32. `moved` has the magnitude's bits where an f32 has them, `signed` the sign. With f32's exponent for f16's, a normal
 * value is right, but a subnormal one (v) has become (2^-14 + v) / 2. Twice that less 2^-14 is v, and the larger of the two for
 * normal values: so the smaller one is the value. (To multiply a subnormal f32, as is usual, costs some processors a hundred cycles.)
 */
function f32FromF16(moved: v128, signed: v128): v128 {
  // The exponent's bias is 15 in f16, 127 in f32.
  const once = i32x4.add(moved, i32x4.splat(112 << 23));
  const value = f32x4.pmin(once, f32x4.sub(f32x4.add(once, once), f32x4.splat(leastNormalF16)));
  return v128.or(value, v128.and(signed, i32x4.splat(0x80000000)));
}

const leastNormalF16: f32 = 0.00006103515625; // 2^-14

/** An element's value. Twin of src-core/reference/decode.ts. */
export function valueAt(dtype: u32, address: usize, index: u32): f64 {
  const bits = bitsAt(dtype, address, index);
  if (dtype === dtypeF32) return f64(reinterpret<f32>(bits));
  if (dtype !== dtypeF16) return f64(reinterpret<f32>(bits << 16));
  const magnitude = bits & 0x7fff;
  // 2^112 makes up for the bias.
  const finite = f64(reinterpret<f32>(magnitude << 13)) * reinterpret<f64>(u64(1023 + 112) << 52);
  const value = magnitude < 0x7c00 ? finite : f64(reinterpret<f32>((magnitude << 13) | 0x7f800000));
  return bits >= 0x8000 ? -value : value;
}

/** An element's bits, in the low bits. */
export function bitsAt(dtype: u32, address: usize, index: u32): u32 {
  return dtype === dtypeF32 ? load<u32>(address + (usize(index) << 2)) : u32(load<u16>(address + (usize(index) << 1)));
}

/** Whether an element's bits are those of NaN or an infinity. */
export function isNonFinite(dtype: u32, bits: u32): bool {
  const exponent: u32 = dtype === dtypeF32 ? 0x7f800000 : dtype === dtypeF16 ? 0x7c00 : 0x7f80;
  return (bits & exponent) === exponent;
}
