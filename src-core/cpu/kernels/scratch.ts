import { pairHistogramBytes } from "./pair-histogram.ts";
import { tileSumsBytes } from "./tile-sums.ts";

/* One thread's own memory: what it holds, in bytes from its start. Zero when the thread starts. */

/** Chat vectors in one operation, at most: src-core/limits.ts. */
const maximumVectorCount: usize = 14;

/** Merging: sums of one tile's vectors, in f32. */
export const mergeTileElements: u32 = 1024;

/** Measuring: as many elements of each model are gone through at a time. */
export const measureTileElements: u32 = 1024;
const decodedBytes: usize = usize(measureTileElements) * 4;

const tileSumsStart: usize = (1 + 2 * maximumVectorCount) * decodedBytes;

const histogramsStart: usize = tileSumsStart + maximumVectorCount * tileSumsBytes;

const pairSumsStart: usize = histogramsStart + maximumVectorCount * pairHistogramBytes;

/** src-core/cpu/memory-layout.ts sets so much aside for each thread. */
export const scratchBytes: usize = pairSumsStart + 64;

/** Where a model's tile is decoded to: 0 the target, 1 + 2v the chat of vector v, 2 + 2v its base. */
export function decodedTile(scratch: usize, model: u32): usize {
  return scratch + usize(model) * decodedBytes;
}

export function tileSumsOf(scratch: usize, vector: u32): usize {
  return scratch + tileSumsStart + usize(vector) * tileSumsBytes;
}

/** Pairs of τ; zeros between operations. */
export function histogramOf(scratch: usize, vector: u32): usize {
  return scratch + histogramsStart + usize(vector) * pairHistogramBytes;
}

/** Three sums of two vectors, each in two f64 to be added. */
export function pairSumsOf(scratch: usize): usize {
  return scratch + pairSumsStart;
}
