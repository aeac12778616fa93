import {
  BF16,
  dtypeF16,
  dtypeF32,
  evenOf,
  F16,
  firstOf,
  groupElements,
  infiniteF16,
  largestHalf,
  oddOf,
  secondOf,
} from "./elements.ts";
import { overflowBits, storeGroup } from "./encode.ts";
import { mergeCarefully } from "./merge-careful.ts";
import {
  baseDtypeOf,
  baseOf,
  chatDtypeOf,
  chatOf,
  elementCountOf,
  leastDifferenceOf,
  operationBytes,
  outputDtypeOf,
  outputOf,
  scaleOf,
  setNewNonFinite,
  targetDtypeOf,
  targetOf,
  vectorCountOf,
  vectorOf,
} from "./operation.ts";
import { mergeTileElements } from "./scratch.ts";

/** A tile with an element that must be computed carefully is gone through again in parts of so many. */
const partElements: u32 = 32;

const magnitudeMask: u32 = 0x7fffffff;

/**
 * merged[i] = target[i] + Σ scale · (chat[i] − base[i]) for each of the operations, in f32, vectors in recipe order, rounded once to the
 * output's dtype. Bit for bit src-core/reference/merge.ts.
 *
 * `scratch` is this thread's own: scratch.ts.
 */
export function merge(operations: usize, operationCount: u32, scratch: usize): void {
  for (let index: u32 = 0; index < operationCount; index++) {
    const operation = operations + operationBytes * index;
    setNewNonFinite(operation, mergeOne(operation, scratch));
  }
}

function mergeOne(operation: usize, scratch: usize): u32 {
  const elementCount = elementCountOf(operation);
  const wholeGroups = elementCount & ~(groupElements - 1);
  let newNonFinite: u32 = 0;
  for (let start: u32 = 0; start < wholeGroups; start += mergeTileElements) {
    const end = min(start + mergeTileElements, wholeGroups);
    if (!mergeRange(operation, start, end, scratch)) newNonFinite += mergeInParts(operation, start, end, scratch);
  }
  return newNonFinite + mergeCarefully(operation, wholeGroups, elementCount);
}

function mergeInParts(operation: usize, start: u32, end: u32, scratch: usize): u32 {
  let newNonFinite: u32 = 0;
  for (; start < end; start += partElements) {
    const partEnd = min(start + partElements, end);
    if (!mergeRange(operation, start, partEnd, scratch)) newNonFinite += mergeCarefully(operation, start, partEnd);
  }
  return newNonFinite;
}

/**
 * Merges whole groups in plain f32 and returns whether that is right. It differs from the reference, whose intermediate results have
 * no bounds on the exponent, only where a product falls below f32's normal range (a sum that does so is exact) or where
 * something overflows; infinities and NaN are left to mergeCarefully too, and show in the result like an overflow.
 */
function mergeRange(operation: usize, start: u32, end: u32, scratch: usize): bool {
  const count = usize(end - start);
  const vectorCount = vectorCountOf(operation);
  let isExact = true;
  if (vectorCount === 0) fillWithNothing(scratch, count);
  for (let v: u32 = 0; v < vectorCount; v++) {
    const vector = vectorOf(operation, v);
    if (!addVector(vector, usize(start), count, scratch, v === 0)) isExact = false;
  }
  return finish(operation, usize(start), count, scratch) && isExact;
}

/** −0 is what leaves every number as it is when added to it, −0 included. */
function fillWithNothing(sums: usize, count: usize): void {
  for (const end = sums + (count << 2); sums < end; sums += 16) v128.store(sums, f32x4.splat(-0.0));
}

/** Adds scale · (chat − base) to the sums, or puts it there first. Returns whether the products are exact. */
function addVector(vector: usize, start: usize, count: usize, sums: usize, isFirst: bool): bool {
  const chatDtype = chatDtypeOf(vector);
  if (chatDtype === dtypeF32) return addVectorTo<f32>(vector, start, count, sums, isFirst);
  if (chatDtype === dtypeF16) return addVectorTo<F16>(vector, start, count, sums, isFirst);
  return addVectorTo<BF16>(vector, start, count, sums, isFirst);
}

function addVectorTo<Chat>(vector: usize, start: usize, count: usize, sums: usize, isFirst: bool): bool {
  const baseDtype = baseDtypeOf(vector);
  if (baseDtype === dtypeF32) return addProducts<Chat, f32>(vector, start, count, sums, isFirst);
  if (baseDtype === dtypeF16) return addProducts<Chat, F16>(vector, start, count, sums, isFirst);
  return addProducts<Chat, BF16>(vector, start, count, sums, isFirst);
}

function addProducts<Chat, Base>(vector: usize, start: usize, count: usize, sums: usize, isFirst: bool): bool {
  const scale = f32x4.splat(scaleOf(vector));
  const end = sums + (count << 2);
  let chat = chatOf(vector) + start * sizeof<Chat>();
  let base = baseOf(vector) + start * sizeof<Base>();
  let least = i32x4.splat(-1);
  let halves = i32x4.splat(0);
  while (sums < end) {
    const chat1 = firstOf(chat);
    const chat2 = secondOf<Chat>(chat, chat1);
    const base1 = firstOf(base);
    const base2 = secondOf<Base>(base, base1);
    halves = largestHalf<Base>(largestHalf<Chat>(halves, chat1), base1);
    const even = f32x4.sub(evenOf<Chat>(chat1, chat2), evenOf<Base>(base1, base2));
    const odd = f32x4.sub(oddOf<Chat>(chat1, chat2), oddOf<Base>(base1, base2));
    least = i32x4.min_u(least, i32x4.min_u(doubledLessOne(even), doubledLessOne(odd)));
    const evenProduct = f32x4.mul(scale, even);
    const oddProduct = f32x4.mul(scale, odd);
    v128.store(sums, isFirst ? evenProduct : f32x4.add(v128.load(sums), evenProduct));
    v128.store(sums, isFirst ? oddProduct : f32x4.add(v128.load(sums, 16), oddProduct), 16);
    chat += groupElements * sizeof<Chat>();
    base += groupElements * sizeof<Base>();
    sums += 32;
  }
  return !v128.any_true(v128.or(i32x4.lt_u(least, leastAllowed(vector)), i16x8.ge_s(halves, i16x8.splat(infiniteF16))));
}

/** In the form in which differences are compared: doubled without the sign, less one, so that none at all is the largest. */
function leastAllowed(vector: usize): v128 {
  const least = leastDifferenceOf(vector);
  return i32x4.splat(least === 0 ? 0 : 2 * least - 1);
}

function doubledLessOne(bits: v128): v128 {
  return i32x4.sub(i32x4.shl(bits, 1), i32x4.splat(1));
}

/** target + sums → output. Returns whether nothing overflowed. */
function finish(operation: usize, start: usize, count: usize, sums: usize): bool {
  const targetDtype = targetDtypeOf(operation);
  if (targetDtype === dtypeF32) return finishFrom<f32>(operation, start, count, sums);
  if (targetDtype === dtypeF16) return finishFrom<F16>(operation, start, count, sums);
  return finishFrom<BF16>(operation, start, count, sums);
}

function finishFrom<Target>(operation: usize, start: usize, count: usize, sums: usize): bool {
  const outputDtype = outputDtypeOf(operation);
  if (outputDtype === dtypeF32) return storeSums<Target, f32>(operation, start, count, sums);
  if (outputDtype === dtypeF16) return storeSums<Target, F16>(operation, start, count, sums);
  return storeSums<Target, BF16>(operation, start, count, sums);
}

function storeSums<Target, Output>(operation: usize, start: usize, count: usize, sums: usize): bool {
  const end = sums + (count << 2);
  let target = targetOf(operation) + start * sizeof<Target>();
  let output = outputOf(operation) + start * sizeof<Output>();
  let largest = i32x4.splat(0);
  let halves = i32x4.splat(0);
  while (sums < end) {
    const target1 = firstOf(target);
    const target2 = secondOf<Target>(target, target1);
    halves = largestHalf<Target>(halves, target1);
    const even = f32x4.add(evenOf<Target>(target1, target2), v128.load(sums));
    const odd = f32x4.add(oddOf<Target>(target1, target2), v128.load(sums, 16));
    largest = i32x4.max_s(largest, i32x4.max_s(magnitudeOf(even), magnitudeOf(odd)));
    storeGroup<Output>(output, even, odd);
    target += groupElements * sizeof<Target>();
    output += groupElements * sizeof<Output>();
    sums += 32;
  }
  const overflow = i32x4.ge_s(largest, i32x4.splat(overflowBits<Output>()));
  return !v128.any_true(v128.or(overflow, i16x8.ge_s(halves, i16x8.splat(infiniteF16))));
}

function magnitudeOf(bits: v128): v128 {
  return v128.and(bits, i32x4.splat(magnitudeMask));
}
