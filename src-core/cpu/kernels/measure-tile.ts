import { binBelow, binStrides, lastBin, magnitudeMask, upperHalfMask } from "./constants.ts";
import { isF32 } from "./elements.ts";
import { countPairs, pairAddresses, storePairConstants } from "./pair-histogram.ts";
import {
  absoluteSum,
  addTo,
  baseShiftSum,
  baseSum,
  baseVectorSum,
  constantsPlace,
  maximumPlace,
  shiftSum,
  shiftVectorSum,
  sumsEnd,
  vectorSum,
  zeroCountPlace,
} from "./tile-sums.ts";

/** Elements that are summed in f32 before the sums go on in f64: 32 in each lane, whose rounding costs less than 2^-18.9 of a sum. */
export const runElements: u32 = 128;

/** Elements that one turn of the innermost loop takes. */
export const turnElements: u32 = 16;

/**
 * Over `count` elements (a multiple of turnElements) of one dtype, with τ = chat − base and σ = target − base rounded to f32: Σ base², τ², σ²,
 * base·τ, base·σ, σ·τ and |τ|, from which all other sums follow (tile-sums.ts); max |τ|; zeros; and the histogram, to which `step` is added for every
 * two τ, zeros too (−1 takes back what an earlier call has added).
 *
 * No more sums than these, and two groups of eight in a turn, one after the other: there are sixteen registers, and a sum that has none goes through
 * memory in every turn. With all seven inner products and one group it took 1.2 times as long, with bins counted one by one twice.
 */
export function measureTile<Dtype>(
  count: u32,
  target: usize,
  chat: usize,
  base: usize,
  sums: usize,
  histogram: usize,
  step: u32,
): void {
  memory.fill(sums, 0, sumsEnd);
  const constants = sums + constantsPlace;
  storePairConstants(constants);
  const magnitude = magnitudeMask(constants);
  const upperHalf = upperHalfMask(constants);
  const below = binBelow(constants);
  const last = lastBin(constants);
  const strides = binStrides(constants);
  const table = i32x4.splat(i32(histogram));
  let maximum = i32x4.splat(0);
  let zeros = i16x8.splat(0);
  const end = chat + usize(count) * sizeof<Dtype>();
  while (chat < end) {
    const runEnd = min(chat + usize(runElements) * sizeof<Dtype>(), end);
    let bases = f32x4.splat(0);
    let vectors = f32x4.splat(0);
    let shifts = f32x4.splat(0);
    let baseVectors = f32x4.splat(0);
    let baseShifts = f32x4.splat(0);
    let shiftVectors = f32x4.splat(0);
    let absolutes = f32x4.splat(0);
    while (chat < runEnd) {
      const b1 = part<Dtype>(base, 0, upperHalf);
      const v1 = f32x4.sub(part<Dtype>(chat, 0, upperHalf), b1);
      const s1 = f32x4.sub(part<Dtype>(target, 0, upperHalf), b1);
      bases = addProduct(bases, b1, b1);
      baseShifts = addProduct(baseShifts, b1, s1);
      vectors = addProduct(vectors, v1, v1);
      shifts = addProduct(shifts, s1, s1);
      baseVectors = addProduct(baseVectors, b1, v1);
      shiftVectors = addProduct(shiftVectors, s1, v1);
      const m1 = v128.and(magnitude, v1);
      absolutes = f32x4.add(absolutes, m1);
      maximum = i32x4.max_s(maximum, m1);
      const b2 = part<Dtype>(base, 1, upperHalf);
      const v2 = f32x4.sub(part<Dtype>(chat, 1, upperHalf), b2);
      const s2 = f32x4.sub(part<Dtype>(target, 1, upperHalf), b2);
      bases = addProduct(bases, b2, b2);
      baseShifts = addProduct(baseShifts, b2, s2);
      vectors = addProduct(vectors, v2, v2);
      shifts = addProduct(shifts, s2, s2);
      baseVectors = addProduct(baseVectors, b2, v2);
      shiftVectors = addProduct(shiftVectors, s2, v2);
      const m2 = v128.and(magnitude, v2);
      absolutes = f32x4.add(absolutes, m2);
      maximum = i32x4.max_s(maximum, m2);
      const tops12 = upperHalves(m1, m2);
      zeros = i16x8.sub(zeros, zerosAmong<Dtype>(m1, m2, tops12));
      countPairs(pairAddresses(tops12, below, last, strides, table), step);
      const b3 = part<Dtype>(base, 2, upperHalf);
      const v3 = f32x4.sub(part<Dtype>(chat, 2, upperHalf), b3);
      const s3 = f32x4.sub(part<Dtype>(target, 2, upperHalf), b3);
      bases = addProduct(bases, b3, b3);
      baseShifts = addProduct(baseShifts, b3, s3);
      vectors = addProduct(vectors, v3, v3);
      shifts = addProduct(shifts, s3, s3);
      baseVectors = addProduct(baseVectors, b3, v3);
      shiftVectors = addProduct(shiftVectors, s3, v3);
      const m3 = v128.and(magnitude, v3);
      absolutes = f32x4.add(absolutes, m3);
      maximum = i32x4.max_s(maximum, m3);
      const b4 = part<Dtype>(base, 3, upperHalf);
      const v4 = f32x4.sub(part<Dtype>(chat, 3, upperHalf), b4);
      const s4 = f32x4.sub(part<Dtype>(target, 3, upperHalf), b4);
      bases = addProduct(bases, b4, b4);
      baseShifts = addProduct(baseShifts, b4, s4);
      vectors = addProduct(vectors, v4, v4);
      shifts = addProduct(shifts, s4, s4);
      baseVectors = addProduct(baseVectors, b4, v4);
      shiftVectors = addProduct(shiftVectors, s4, v4);
      const m4 = v128.and(magnitude, v4);
      absolutes = f32x4.add(absolutes, m4);
      maximum = i32x4.max_s(maximum, m4);
      const tops34 = upperHalves(m3, m4);
      zeros = i16x8.sub(zeros, zerosAmong<Dtype>(m3, m4, tops34));
      countPairs(pairAddresses(tops34, below, last, strides, table), step);
      target += turnElements * sizeof<Dtype>();
      chat += turnElements * sizeof<Dtype>();
      base += turnElements * sizeof<Dtype>();
    }
    addTo(sums + baseSum, bases);
    addTo(sums + vectorSum, vectors);
    addTo(sums + shiftSum, shifts);
    addTo(sums + baseVectorSum, baseVectors);
    addTo(sums + baseShiftSum, baseShifts);
    addTo(sums + shiftVectorSum, shiftVectors);
    addTo(sums + absoluteSum, absolutes);
  }
  storeLargest(sums + maximumPlace, maximum);
  store<u32>(sums + zeroCountPlace, sumOfLanes(zeros));
}

/** A quarter of a turn's elements as f32: of BF16 the even and the odd ones of eight, for the order does not matter here. */
export function part<Dtype>(address: usize, index: usize, upperHalf: v128): v128 {
  if (isF32<Dtype>()) return v128.load(address + 16 * index);
  const eight = v128.load(address + 16 * (index >> 1));
  return (index & 1) === 0 ? i32x4.shl(eight, 16) : v128.and(eight, upperHalf);
}

export function addProducts(
  sum: v128,
  a1: v128,
  b1: v128,
  a2: v128,
  b2: v128,
  a3: v128,
  b3: v128,
  a4: v128,
  b4: v128,
): v128 {
  return addProduct(addProduct(addProduct(addProduct(sum, a1, b1), a2, b2), a3, b3), a4, b4);
}

/** sum + a · b, rounded once where the processor has that: at least as good, and the same on one machine whenever it is run. */
function addProduct(sum: v128, a: v128, b: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, sum);
  return f32x4.add(sum, f32x4.mul(a, b));
}

/** Of eight f32 that are not negative. */
function upperHalves(first: v128, second: v128): v128 {
  return i16x8.narrow_i32x4_u(i32x4.shr_u(first, 16), i32x4.shr_u(second, 16));
}

/** −1 in the lanes of those that are 0. A difference of bf16 is a multiple of 2^-133 and shows in its upper half. */
function zerosAmong<Dtype>(first: v128, second: v128, tops: v128): v128 {
  if (!isF32<Dtype>()) return i16x8.eq(tops, i16x8.splat(0));
  return i16x8.narrow_i32x4_s(i32x4.eq(first, i32x4.splat(0)), i32x4.eq(second, i32x4.splat(0)));
}

function storeLargest(address: usize, magnitudes: v128): void {
  const pairs = i32x4.max_s(magnitudes, v128.shuffle<u64>(magnitudes, magnitudes, 1, 1));
  store<i32>(address, max(i32x4.extract_lane(pairs, 0), i32x4.extract_lane(pairs, 1)));
}

function sumOfLanes(counts: v128): u32 {
  const words = i32x4.extadd_pairwise_i16x8_s(counts);
  const pairs = i32x4.add(words, v128.shuffle<u64>(words, words, 1, 1));
  return i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1);
}
