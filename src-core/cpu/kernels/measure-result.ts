import { takeHistogram } from "./pair-histogram.ts";

/**
 * What measuring leaves for one operation, read by src-core/cpu/measure-results.ts: a head, then the vectors, then their pairs. Sums are f64.
 */
const headBytes: usize = 32;
const vectorBytes: usize = 640;
const pairBytes: usize = 24;
const histogramPlace: usize = 128;

/** Two bins an octave, from 2^-48 on: src-core/statistics/tensor-sums.ts. */
const binCount: u32 = 128;
/** Of the bins that an f32's exponent and the first bit of its fraction number. */
const firstRawBin: u32 = 2 * (127 - 48);

export function clearResult(result: usize, vectorCount: u32): void {
  const pairCount = (usize(vectorCount) * (usize(vectorCount) - 1)) >> 1;
  memory.fill(result, 0, headBytes + usize(vectorCount) * vectorBytes + pairCount * pairBytes);
}

export const targetSum: usize = 24;

export function addElements(result: usize, count: u32): void {
  addCount(result, count);
}

/** Of the element that was left out: its index, whose it is (0 target, 1 chat, 2 base), and of which vector. */
export function leaveOut(result: usize, index: u32, role: u32, vector: u32): void {
  const count = load<u32>(result, 4);
  if (count === 0) {
    store<u32>(result, index, 8);
    store<u32>(result, role, 12);
    store<u32>(result, vector, 16);
  }
  store<u32>(result, count + 1, 4);
}

export function vectorResult(result: usize, vector: u32): usize {
  return result + headBytes + usize(vector) * vectorBytes;
}

export const baseSum: usize = 0;
export const chatSum: usize = 8;
export const vectorSum: usize = 16;
export const shiftSum: usize = 24;
export const targetVectorSum: usize = 32;
export const shiftVectorSum: usize = 40;
export const absoluteSum: usize = 48;
const maximumPlace: usize = 56;
const zeroCountPlace: usize = 64;

/** The pair's place among (0,1), (0,2), …, (1,2), … */
export function pairResult(result: usize, vectorCount: u32, pair: u32): usize {
  return vectorResult(result, vectorCount) + usize(pair) * pairBytes;
}

export const vectorsSum: usize = 0;
export const shiftOfFirstSum: usize = 8;
export const shiftOfSecondSum: usize = 16;

export function addSum(address: usize, value: f64): void {
  store<f64>(address, load<f64>(address) + value);
}

/** The largest |τ| so far, rounded to f32. */
export function addMaximum(vector: usize, value: f32): void {
  store<f64>(vector, max(load<f64>(vector, maximumPlace), f64(value)), maximumPlace);
}

export function addZeros(vector: usize, count: u32): void {
  addCount(vector + zeroCountPlace, count);
}

/** By |τ| rounded to f32. A zero counts in the first bin, until finishVector takes it away. */
export function addToHistogram(vector: usize, magnitude: f32): void {
  const bin = min(max(reinterpret<u32>(magnitude) >>> 22, firstRawBin) - firstRawBin, binCount - 1);
  addCount(vector + histogramPlace + (usize(bin) << 2), 1);
}

/** Adds what was counted in pairs, which is forgotten; zeros have no bin. */
export function finishVector(vector: usize, pairs: usize): void {
  takeHistogram(pairs, vector + histogramPlace);
  addCount(vector + histogramPlace, -load<u32>(vector, zeroCountPlace));
}

function addCount(address: usize, count: u32): void {
  store<u32>(address, load<u32>(address) + count);
}
