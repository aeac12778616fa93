import { addProducts, part, runElements, turnElements } from "./measure-tile.ts";
import {
  addTo,
  baseSum,
  chatSum,
  deriveSums,
  maximumPlace,
  shiftSum,
  sumOf,
  targetSum,
  targetVectorSum,
  vectorSum,
} from "./tile-sums.ts";

const leastUsable: f64 = 8.271806125530277e-25; // 2^-80
const mostUsable: f64 = 1.329227995784916e36; // 2^120

/**
 * Completes what measureTile has found of a tile and returns whether the sums are good: no square has overflowed, and what may have been lost below f32's
 * range (2^-149 for each element) is nothing beside them. A sum of squares that is zero may have lost everything, unless all its values are zero.
 */
export function completeSums<Dtype>(count: u32, target: usize, chat: usize, base: usize, sums: usize): bool {
  if (!(isInRange(sumOf(sums, baseSum)) || isZero<Dtype>(count, base))) return false;
  if (!(isInRange(sumOf(sums, vectorSum)) || load<f32>(sums, maximumPlace) === 0)) return false;
  if (!(isInRange(sumOf(sums, shiftSum)) || isEqual<Dtype>(count, target, base))) return false;
  if (deriveSums(sums)) return true;
  sumDirectly<Dtype>(count, target, chat, base, sums);
  return (
    (isInRange(sumOf(sums, chatSum)) || isZero<Dtype>(count, chat)) &&
    (isInRange(sumOf(sums, targetSum)) || isZero<Dtype>(count, target))
  );
}

/** What deriveSums finds only where little cancels. */
function sumDirectly<Dtype>(count: u32, target: usize, chat: usize, base: usize, sums: usize): void {
  memory.fill(sums + chatSum, 0, 48);
  const upperHalf = i32x4.splat(0xffff0000);
  const end = chat + usize(count) * sizeof<Dtype>();
  while (chat < end) {
    const runEnd = min(chat + usize(runElements) * sizeof<Dtype>(), end);
    let chats = f32x4.splat(0);
    let targets = f32x4.splat(0);
    let targetVectors = f32x4.splat(0);
    while (chat < runEnd) {
      const t1 = part<Dtype>(target, 0, upperHalf);
      const t2 = part<Dtype>(target, 1, upperHalf);
      const t3 = part<Dtype>(target, 2, upperHalf);
      const t4 = part<Dtype>(target, 3, upperHalf);
      const c1 = part<Dtype>(chat, 0, upperHalf);
      const c2 = part<Dtype>(chat, 1, upperHalf);
      const c3 = part<Dtype>(chat, 2, upperHalf);
      const c4 = part<Dtype>(chat, 3, upperHalf);
      const v1 = f32x4.sub(c1, part<Dtype>(base, 0, upperHalf));
      const v2 = f32x4.sub(c2, part<Dtype>(base, 1, upperHalf));
      const v3 = f32x4.sub(c3, part<Dtype>(base, 2, upperHalf));
      const v4 = f32x4.sub(c4, part<Dtype>(base, 3, upperHalf));
      chats = addProducts(chats, c1, c1, c2, c2, c3, c3, c4, c4);
      targets = addProducts(targets, t1, t1, t2, t2, t3, t3, t4, t4);
      targetVectors = addProducts(targetVectors, t1, v1, t2, v2, t3, v3, t4, v4);
      target += turnElements * sizeof<Dtype>();
      chat += turnElements * sizeof<Dtype>();
      base += turnElements * sizeof<Dtype>();
    }
    addTo(sums + chatSum, chats);
    addTo(sums + targetSum, targets);
    addTo(sums + targetVectorSum, targetVectors);
  }
}

function isInRange(sum: f64): bool {
  return sum >= leastUsable && sum <= mostUsable;
}

function isZero<Dtype>(count: u32, address: usize): bool {
  const upperHalf = i32x4.splat(0xffff0000);
  let found = i32x4.splat(0);
  for (const end = address + usize(count) * sizeof<Dtype>(); address < end; address += turnElements * sizeof<Dtype>()) {
    for (let quarter: usize = 0; quarter < 4; quarter++) {
      found = v128.or(found, f32x4.ne(part<Dtype>(address, quarter, upperHalf), f32x4.splat(0)));
    }
  }
  return !v128.any_true(found);
}

function isEqual<Dtype>(count: u32, first: usize, second: usize): bool {
  if (first === second) return true;
  const upperHalf = i32x4.splat(0xffff0000);
  let found = i32x4.splat(0);
  for (const end = first + usize(count) * sizeof<Dtype>(); first < end; first += turnElements * sizeof<Dtype>()) {
    for (let quarter: usize = 0; quarter < 4; quarter++) {
      found = v128.or(found, f32x4.ne(part<Dtype>(first, quarter, upperHalf), part<Dtype>(second, quarter, upperHalf)));
    }
    second += turnElements * sizeof<Dtype>();
  }
  return !v128.any_true(found);
}
