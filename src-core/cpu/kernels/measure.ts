import { decodeTile } from "./decode-tile.ts";
import { BF16, dtypeBF16, dtypeF32 } from "./elements.ts";
import { measureCarefully } from "./measure-careful.ts";
import { measurePair } from "./measure-pair.ts";
import { addElements, clearResult, finishVector, pairResult, vectorResult } from "./measure-result.ts";
import { measureTile, turnElements } from "./measure-tile.ts";
import {
  baseDtypeOf,
  baseOf,
  chatDtypeOf,
  chatOf,
  elementCountOf,
  operationBytes,
  outputOf,
  targetDtypeOf,
  targetOf,
  vectorCountOf,
  vectorOf,
} from "./operation.ts";
import { decodedTile, histogramOf, measureTileElements, pairSumsOf, tileSumsOf } from "./scratch.ts";
import { addTile } from "./tile-sums.ts";
import { completeSums } from "./usable-sums.ts";

/**
 * What src-core/statistics/tensor-sums.ts names, of each of the operations: written to their outputs as measure-result.ts lays it out. Counts and
 * the largest |τ| are exact, sums to 2^-16.9. `scratch` is this thread's own: scratch.ts.
 */
export function measure(operations: usize, operationCount: u32, scratch: usize): void {
  for (let index: u32 = 0; index < operationCount; index++) {
    const operation = operations + operationBytes * index;
    beginMeasure(operation);
    measureElements(operation, 0, elementCountOf(operation), scratch);
    finishMeasure(operation, scratch);
  }
}

export function beginMeasure(operation: usize): void {
  clearResult(outputOf(operation), vectorCountOf(operation));
}

/**
 * Adds the elements from `start` to `end` to what was found of the operation since it was begun; all but the last of them, in whole tiles of
 * measureTileElements, so that in what pieces it comes changes nothing.
 */
export function measureElements(operation: usize, start: u32, end: u32, scratch: usize): void {
  const wholeTurns = start + ((end - start) & ~(turnElements - 1));
  for (let tile = start; tile < wholeTurns; tile += measureTileElements) {
    const tileEnd = min(tile + measureTileElements, wholeTurns);
    if (!measureRange(operation, tile, tileEnd, scratch)) measureCarefully(operation, tile, tileEnd);
  }
  measureCarefully(operation, wholeTurns, end);
}

export function finishMeasure(operation: usize, scratch: usize): void {
  for (let v: u32 = 0, vectorCount = vectorCountOf(operation); v < vectorCount; v++) {
    finishVector(vectorResult(outputOf(operation), v), histogramOf(scratch, v));
  }
}

/** Measures one tile in f32. Returns false, and leaves the result as it was, where that cannot be done. */
function measureRange(operation: usize, start: u32, end: u32, scratch: usize): bool {
  const dtype = onlyDtype(operation);
  const isMeasured =
    dtype === dtypeBF16
      ? measureInPlace<BF16>(operation, start, end - start, scratch)
      : dtype === dtypeF32
        ? measureInPlace<f32>(operation, start, end - start, scratch)
        : measureDecoded(operation, start, end - start, scratch);
  if (isMeasured) addElements(outputOf(operation), end - start);
  return isMeasured;
}

/** Of one vector and its target; anything else where they differ, or where there are several vectors. */
function onlyDtype(operation: usize): u32 {
  const vector = vectorOf(operation, 0);
  const dtype = chatDtypeOf(vector);
  const isOnly =
    vectorCountOf(operation) === 1 &&
    baseDtypeOf(vector) === dtype &&
    (targetOf(operation) === 0 || targetDtypeOf(operation) === dtype);
  return isOnly ? dtype : u32.MAX_VALUE;
}

function measureInPlace<Dtype>(operation: usize, start: u32, count: u32, scratch: usize): bool {
  const vector = vectorOf(operation, 0);
  const offset = usize(start) * sizeof<Dtype>();
  const base = baseOf(vector) + offset;
  const target = targetOf(operation) === 0 ? base : targetOf(operation) + offset;
  if (!measureVector<Dtype>(count, target, chatOf(vector) + offset, base, 0, scratch)) return false;
  addTile(operation, 0, tileSumsOf(scratch, 0));
  return true;
}

function measureDecoded(operation: usize, start: u32, count: u32, scratch: usize): bool {
  if (!decodeTiles(operation, start, count, scratch)) return false;
  const vectorCount = vectorCountOf(operation);
  for (let v: u32 = 0; v < vectorCount; v++) {
    const base = decodedTile(scratch, 2 + 2 * v);
    const target = targetOf(operation) === 0 ? base : decodedTile(scratch, 0);
    if (measureVector<f32>(count, target, decodedTile(scratch, 1 + 2 * v), base, v, scratch)) continue;
    for (let measured: u32 = 0; measured < v; measured++) takeBack(count, measured, scratch);
    return false;
  }
  for (let v: u32 = 0; v < vectorCount; v++) addTile(operation, v, tileSumsOf(scratch, v));
  measurePairs(operation, count, scratch);
  return true;
}

function decodeTiles(operation: usize, start: u32, count: u32, scratch: usize): bool {
  const target = targetOf(operation);
  if (target !== 0 && !decodeFrom(targetDtypeOf(operation), target, start, count, decodedTile(scratch, 0)))
    return false;
  for (let v: u32 = 0, vectorCount = vectorCountOf(operation); v < vectorCount; v++) {
    const vector = vectorOf(operation, v);
    const chat = decodedTile(scratch, 1 + 2 * v);
    const base = decodedTile(scratch, 2 + 2 * v);
    if (!decodeFrom(chatDtypeOf(vector), chatOf(vector), start, count, chat)) return false;
    if (!decodeFrom(baseDtypeOf(vector), baseOf(vector), start, count, base)) return false;
  }
  return true;
}

function decodeFrom(dtype: u32, address: usize, start: u32, count: u32, destination: usize): bool {
  return decodeTile(dtype, address + (usize(start) << (dtype === dtypeF32 ? 2 : 1)), count, destination);
}

/** Leaves the tile's sums in its place; where they are of no use, nothing in the histogram either, and returns false. */
function measureVector<Dtype>(count: u32, target: usize, chat: usize, base: usize, v: u32, scratch: usize): bool {
  const sums = tileSumsOf(scratch, v);
  measureTile<Dtype>(count, target, chat, base, sums, histogramOf(scratch, v), 1);
  if (completeSums<Dtype>(count, target, chat, base, sums)) return true;
  measureTile<Dtype>(count, target, chat, base, sums, histogramOf(scratch, v), -1);
  return false;
}

/** Of an earlier vector, because a later one's sums are of no use. */
function takeBack(count: u32, v: u32, scratch: usize): void {
  const base = decodedTile(scratch, 2 + 2 * v);
  const chat = decodedTile(scratch, 1 + 2 * v);
  measureTile<f32>(count, base, chat, base, tileSumsOf(scratch, v), histogramOf(scratch, v), -1);
}

function measurePairs(operation: usize, count: u32, scratch: usize): void {
  const vectorCount = vectorCountOf(operation);
  const target: usize = targetOf(operation) === 0 ? 0 : decodedTile(scratch, 0);
  let pair: u32 = 0;
  for (let v: u32 = 0; v < vectorCount; v++) {
    for (let w = v + 1; w < vectorCount; w++) {
      measurePair(
        count,
        target,
        decodedTile(scratch, 1 + 2 * v),
        decodedTile(scratch, 2 + 2 * v),
        decodedTile(scratch, 1 + 2 * w),
        decodedTile(scratch, 2 + 2 * w),
        pairResult(outputOf(operation), vectorCount, pair++),
        pairSumsOf(scratch),
      );
    }
  }
}
