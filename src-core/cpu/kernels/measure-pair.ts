import { addSum, shiftOfFirstSum, shiftOfSecondSum, vectorsSum } from "./measure-result.ts";
import { runElements } from "./measure-tile.ts";
import { addTo, sumOf } from "./tile-sums.ts";

/** Places of the sums, each in two f64 to be added. */
const vectorsPlace: usize = 0;
const firstPlace: usize = 16;
const secondPlace: usize = 32;
const placesEnd: usize = 48;

/**
 * Adds to `result` what two vectors have together: Σ τ₁τ₂, Σ σ₁τ₂ and Σ σ₂τ₁, over `count` elements (a multiple of four) in f32 whose sums of
 * squares are usable. Without a target its address is 0. `sums` is 48 bytes to work in.
 */
export function measurePair(
  count: u32,
  target: usize,
  chat1: usize,
  base1: usize,
  chat2: usize,
  base2: usize,
  result: usize,
  sums: usize,
): void {
  memory.fill(sums, 0, placesEnd);
  const bytes = usize(count) << 2;
  for (let start: usize = 0; start < bytes; start += runElements << 2) {
    const end = min(start + (runElements << 2), bytes);
    let vectors = f32x4.splat(0);
    let firsts = f32x4.splat(0);
    let seconds = f32x4.splat(0);
    for (let at = start; at < end; at += 16) {
      const b1 = v128.load(base1 + at);
      const b2 = v128.load(base2 + at);
      const tau1 = f32x4.sub(v128.load(chat1 + at), b1);
      const tau2 = f32x4.sub(v128.load(chat2 + at), b2);
      vectors = f32x4.add(vectors, f32x4.mul(tau1, tau2));
      if (target !== 0) {
        const t = v128.load(target + at);
        firsts = f32x4.add(firsts, f32x4.mul(f32x4.sub(t, b1), tau2));
        seconds = f32x4.add(seconds, f32x4.mul(f32x4.sub(t, b2), tau1));
      }
    }
    addTo(sums + vectorsPlace, vectors);
    addTo(sums + firstPlace, firsts);
    addTo(sums + secondPlace, seconds);
  }
  addSum(result + vectorsSum, sumOf(sums, vectorsPlace));
  addSum(result + shiftOfFirstSum, sumOf(sums, firstPlace));
  addSum(result + shiftOfSecondSum, sumOf(sums, secondPlace));
}
