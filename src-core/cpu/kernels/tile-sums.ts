import { constantsBytes } from "./constants.ts";
import * as result from "./measure-result.ts";
import { outputOf, targetOf } from "./operation.ts";

/** Places of a tile's sums, each in two f64 to be added: see scratch.ts. */
export const baseSum: usize = 0;
export const vectorSum: usize = 16;
export const shiftSum: usize = 32;
export const baseVectorSum: usize = 48;
export const baseShiftSum: usize = 64;
export const shiftVectorSum: usize = 80;
export const absoluteSum: usize = 96;
/** Derived from those above, or summed by themselves. */
export const chatSum: usize = 112;
export const targetSum: usize = 128;
export const targetVectorSum: usize = 144;
export const sumsEnd: usize = 160;
export const maximumPlace: usize = 160;
export const zeroCountPlace: usize = 164;
export const constantsPlace: usize = 176;
export const tileSumsBytes: usize = constantsPlace + constantsBytes;

/** Adds four f32 to two f64 in memory. */
export function addTo(address: usize, values: v128): void {
  const low = f64x2.promote_low_f32x4(values);
  const high = f64x2.promote_low_f32x4(v128.shuffle<u64>(values, values, 1, 1));
  v128.store(address, f64x2.add(v128.load(address), f64x2.add(low, high)));
}

export function sumOf(sums: usize, place: usize): f64 {
  return load<f64>(sums + place) + load<f64>(sums + place, 8);
}

/**
 * Σ chat², Σ target² and Σ target·τ from the sums of base, τ and σ: chat = base + τ and target = base + σ. Returns whether they are good: where most
 * of base is taken away again, its rounding is left. A sum that is at least half of what it is made of has at most four times its error, 2^-16.9.
 */
export function deriveSums(sums: usize): bool {
  const bases = sumOf(sums, baseSum);
  const vectors = sumOf(sums, vectorSum);
  const shifts = sumOf(sums, shiftSum);
  const chats = bases + vectors + 2 * sumOf(sums, baseVectorSum);
  const targets = bases + shifts + 2 * sumOf(sums, baseShiftSum);
  store<f64>(sums + chatSum, chats);
  store<f64>(sums + targetSum, targets);
  store<f64>(sums + targetVectorSum, sumOf(sums, baseVectorSum) + sumOf(sums, shiftVectorSum));
  return 2 * chats >= bases + vectors && 2 * targets >= bases + shifts;
}

/** Adds a tile's good sums to the operation's result. */
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
