/** One thread's own memory: what it holds, in bytes from its start. */

/** Chat vectors in one operation, at most: src-core/limits.ts. */
const maximumVectorCount: usize = 14;

/** Merging: sums of one tile's vectors, in f32. */
export const mergeTileElements: u32 = 1024;

/** Measuring: as many elements of each model are gone through at a time. */
export const measureTileElements: u32 = 512;
const decodedBytes: usize = usize(measureTileElements) * 4;

const tileSumsStart: usize = (1 + 2 * maximumVectorCount) * decodedBytes;
/** Eight sums, each in two f64 to be added; the largest |τ|; how many τ are zero. */
const tileSumsBytes: usize = 8 * 16 + 16;

const histogramsStart: usize = tileSumsStart + maximumVectorCount * tileSumsBytes;
/** One for each lane: with a single one, equal neighbours would wait for each other's counts to be stored. */
export const histogramLanes: usize = 4;
/** By an f32's exponent and the first bit of its fraction; 4 bytes each. */
export const rawBins: usize = 512;
export const histogramBytes: usize = histogramLanes * rawBins * 4;

const pairSumsStart: usize = histogramsStart + maximumVectorCount * histogramBytes;

/** src-core/cpu/memory-layout.ts sets so much aside for each thread. */
export const scratchBytes: usize = pairSumsStart + 64;

/** Where a model's tile is decoded to: 0 the target, 1 + 2v the chat of vector v, 2 + 2v its base. */
export function decodedTile(scratch: usize, model: u32): usize {
  return scratch + usize(model) * decodedBytes;
}

export function tileSumsOf(scratch: usize, vector: u32): usize {
  return scratch + tileSumsStart + usize(vector) * tileSumsBytes;
}

export function histogramOf(scratch: usize, vector: u32): usize {
  return scratch + histogramsStart + usize(vector) * histogramBytes;
}

/** Three sums of two vectors, each in two f64 to be added. */
export function pairSumsOf(scratch: usize): usize {
  return scratch + pairSumsStart;
}
