import { fourOf } from "./elements.ts";
import * as result from "./measure-result.ts";
import { outputOf, targetOf } from "./operation.ts";
import { rawBins } from "./scratch.ts";

/** Elements that are summed in f32 before the sums go on in f64: 32 in each lane, whose rounding costs 2^-19 of a sum at most. */
export const runElements: u32 = 128;

/** Places of a tile's sums: see scratch.ts. */
const targetSum: usize = 0;
const baseSum: usize = 16;
const chatSum: usize = 32;
const vectorSum: usize = 48;
const shiftSum: usize = 64;
const targetVectorSum: usize = 80;
const shiftVectorSum: usize = 96;
const absoluteSum: usize = 112;
const maximumPlace: usize = 128;
const zeroCountPlace: usize = 132;

/**
 * What tensor-sums.ts names of one vector, over `count` elements (a multiple of four) of one dtype, with τ = chat − base and
 * σ = target − base rounded to f32. Where values are infinite, NaN or extreme the sums are of no use: see isUsable. `step` is added to the raw
 * histogram for every τ, zeros too; −1 takes back what an earlier call has added.
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
  memory.fill(sums, 0, maximumPlace);
  let maximum = i32x4.splat(0);
  let zeros = i32x4.splat(0);
  const end = chat + usize(count) * sizeof<Dtype>();
  while (chat < end) {
    const runEnd = min(chat + usize(runElements) * sizeof<Dtype>(), end);
    let targets = f32x4.splat(0);
    let bases = f32x4.splat(0);
    let chats = f32x4.splat(0);
    let vectors = f32x4.splat(0);
    let shifts = f32x4.splat(0);
    let targetVectors = f32x4.splat(0);
    let shiftVectors = f32x4.splat(0);
    let absolutes = f32x4.splat(0);
    while (chat < runEnd) {
      const t = fourOf<Dtype>(target);
      const c = fourOf<Dtype>(chat);
      const b = fourOf<Dtype>(base);
      const tau = f32x4.sub(c, b);
      const sigma = f32x4.sub(t, b);
      targets = f32x4.add(targets, f32x4.mul(t, t));
      bases = f32x4.add(bases, f32x4.mul(b, b));
      chats = f32x4.add(chats, f32x4.mul(c, c));
      vectors = f32x4.add(vectors, f32x4.mul(tau, tau));
      shifts = f32x4.add(shifts, f32x4.mul(sigma, sigma));
      targetVectors = f32x4.add(targetVectors, f32x4.mul(t, tau));
      shiftVectors = f32x4.add(shiftVectors, f32x4.mul(sigma, tau));
      const magnitude = f32x4.abs(tau);
      absolutes = f32x4.add(absolutes, magnitude);
      maximum = i32x4.max_s(maximum, magnitude);
      zeros = i32x4.sub(zeros, f32x4.eq(tau, f32x4.splat(0)));
      countBins(histogram, magnitude, step);
      target += 4 * sizeof<Dtype>();
      chat += 4 * sizeof<Dtype>();
      base += 4 * sizeof<Dtype>();
    }
    addTo(sums + targetSum, targets);
    addTo(sums + baseSum, bases);
    addTo(sums + chatSum, chats);
    addTo(sums + vectorSum, vectors);
    addTo(sums + shiftSum, shifts);
    addTo(sums + targetVectorSum, targetVectors);
    addTo(sums + shiftVectorSum, shiftVectors);
    addTo(sums + absoluteSum, absolutes);
  }
  storeLargest(sums + maximumPlace, maximum);
  store<u32>(sums + zeroCountPlace, sumOfLanes(zeros));
}

function countBins(histogram: usize, magnitude: v128, step: u32): void {
  // Four bytes a bin.
  const offsets = i32x4.shl(i32x4.shr_u(magnitude, 22), 2);
  const first = i64x2.extract_lane(offsets, 0);
  const second = i64x2.extract_lane(offsets, 1);
  countBin(histogram + usize(first), step);
  countBin(histogram + rawBins * 4 + usize(first >>> 32), step);
  countBin(histogram + rawBins * 8 + usize(second), step);
  countBin(histogram + rawBins * 12 + usize(second >>> 32), step);
}

function countBin(address: usize, step: u32): void {
  store<u32>(address, load<u32>(address) + step);
}

/** Adds four f32 to two f64 in memory. */
export function addTo(address: usize, values: v128): void {
  const low = f64x2.promote_low_f32x4(values);
  const high = f64x2.promote_low_f32x4(v128.shuffle<u64>(values, values, 1, 1));
  v128.store(address, f64x2.add(v128.load(address), f64x2.add(low, high)));
}

function storeLargest(address: usize, magnitudes: v128): void {
  const pairs = i32x4.max_s(magnitudes, v128.shuffle<u64>(magnitudes, magnitudes, 1, 1));
  store<i32>(address, max(i32x4.extract_lane(pairs, 0), i32x4.extract_lane(pairs, 1)));
}

function sumOfLanes(counts: v128): u32 {
  const pairs = i32x4.add(counts, v128.shuffle<u64>(counts, counts, 1, 1));
  return i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1);
}

export function sumOf(sums: usize, place: usize): f64 {
  return load<f64>(sums + place) + load<f64>(sums + place, 8);
}

const leastUsable: f64 = 8.271806125530277e-25; // 2^-80
const mostUsable: f64 = 1.329227995784916e36; // 2^120

/**
 * Whether a tile's sums are good: no square has overflowed, and what may have been lost below f32's range (2^-149 for each element) is nothing beside
 * them. A sum of squares that is zero may have lost everything, unless all its values are zero.
 */
export function isUsable<Dtype>(count: u32, target: usize, chat: usize, base: usize, sums: usize): bool {
  return (
    (isInRange(sumOf(sums, targetSum)) || isZero<Dtype>(count, target)) &&
    (isInRange(sumOf(sums, baseSum)) || isZero<Dtype>(count, base)) &&
    (isInRange(sumOf(sums, chatSum)) || isZero<Dtype>(count, chat)) &&
    (isInRange(sumOf(sums, vectorSum)) || load<f32>(sums, maximumPlace) === 0) &&
    (isInRange(sumOf(sums, shiftSum)) || isEqual<Dtype>(count, target, base))
  );
}

function isInRange(sum: f64): bool {
  return sum >= leastUsable && sum <= mostUsable;
}

function isZero<Dtype>(count: u32, address: usize): bool {
  let found = i32x4.splat(0);
  for (const end = address + usize(count) * sizeof<Dtype>(); address < end; address += 4 * sizeof<Dtype>()) {
    found = v128.or(found, f32x4.ne(fourOf<Dtype>(address), f32x4.splat(0)));
  }
  return !v128.any_true(found);
}

function isEqual<Dtype>(count: u32, first: usize, second: usize): bool {
  if (first === second) return true;
  let found = i32x4.splat(0);
  for (const end = first + usize(count) * sizeof<Dtype>(); first < end; first += 4 * sizeof<Dtype>()) {
    found = v128.or(found, f32x4.ne(fourOf<Dtype>(first), fourOf<Dtype>(second)));
    second += 4 * sizeof<Dtype>();
  }
  return !v128.any_true(found);
}

/** Adds a tile's usable sums to the operation's result. */
export function addTile(operation: usize, v: u32, sums: usize): void {
  const whole = outputOf(operation);
  const vector = result.vectorResult(whole, v);
  result.addSum(vector + result.baseSum, sumOf(sums, baseSum));
  result.addSum(vector + result.chatSum, sumOf(sums, chatSum));
  result.addSum(vector + result.vectorSum, sumOf(sums, vectorSum));
  result.addSum(vector + result.absoluteSum, sumOf(sums, absoluteSum));
  result.addMaximum(vector, load<f32>(sums, maximumPlace));
  result.addZeros(vector, load<u32>(sums, zeroCountPlace));
  if (targetOf(operation) === 0) return;
  if (v === 0) result.addSum(whole + result.targetSum, sumOf(sums, targetSum));
  result.addSum(vector + result.shiftSum, sumOf(sums, shiftSum));
  result.addSum(vector + result.targetVectorSum, sumOf(sums, targetVectorSum));
  result.addSum(vector + result.shiftVectorSum, sumOf(sums, shiftVectorSum));
}
