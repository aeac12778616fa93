import { storeConstants } from "./constants.ts";

/**
 * |τ| counted two at a time: a table of how often two neighbours in a vector fell into bins (a, b), from which each bin's own count follows. Half as
 * many counts to load and store, which is what a histogram costs.
 *
 * Bins are those of src-core/statistics/tensor-sums.ts, moved up by one: 0 is for what is below them, zeros included.
 */
const binCount: usize = 129;
/** Less one than the raw bin (an f32's exponent and the first bit of its fraction) of bin 1. */
const rawBinBelow: i16 = 2 * (127 - 48) - 1;
/** In counts of four bytes; no power of two, so that rows lie apart in the caches. */
const rowCounts: usize = 132;

export const pairHistogramBytes: usize = binCount * rowCounts * 4;

/** What pairAddresses reads from memory. */
export function storePairConstants(constants: usize): void {
  // Four bytes a count: one of a pair chooses the count, the other its row.
  storeConstants(constants, rawBinBelow, i16(binCount - 1), 4 | ((4 * i32(rowCounts)) << 16));
}

/**
 * Where four pairs are counted, as addresses; `tops` has the upper 16 bits of eight magnitudes in f32, which is all that a bin is made of. `below`, `last`
 * and `strides` are the constants, `table` is the table's address in every lane.
 */
export function pairAddresses(tops: v128, below: v128, last: v128, strides: v128, table: v128): v128 {
  const bins = i16x8.min_u(i16x8.sub_sat_u(i16x8.shr_u(tops, 6), below), last);
  return i32x4.add(i32x4.dot_i16x8_s(bins, strides), table);
}

export function countPairs(addresses: v128, step: u32): void {
  const low = u64(i64x2.extract_lane(addresses, 0));
  const high = u64(i64x2.extract_lane(addresses, 1));
  countPair(usize(u32(low)), step);
  countPair(usize(low >>> 32), step);
  countPair(usize(u32(high)), step);
  countPair(usize(high >>> 32), step);
}

function countPair(address: usize, step: u32): void {
  store<u32>(address, load<u32>(address) + step);
}

/**
 * Adds what was counted to the 128 counts of a result, and clears the table for the next operation. What is below the bins, zeros included, counts in
 * the first.
 */
export function takeHistogram(table: usize, counts: usize): void {
  for (let bin: usize = 0; bin < binCount; bin++) {
    addTo(counts, bin, rowTotal(table + bin * rowCounts * 4));
  }
  for (let column: usize = 0; column < rowCounts; column += 4) {
    const totals = columnTotals(table + column * 4);
    addTo(counts, column, i32x4.extract_lane(totals, 0));
    addTo(counts, column + 1, i32x4.extract_lane(totals, 1));
    addTo(counts, column + 2, i32x4.extract_lane(totals, 2));
    addTo(counts, column + 3, i32x4.extract_lane(totals, 3));
  }
}

function addTo(counts: usize, bin: usize, count: u32): void {
  const address = counts + (max(bin, 1) - 1) * 4;
  if (bin < binCount) store<u32>(address, load<u32>(address) + count);
}

function rowTotal(row: usize): u32 {
  let totals = i32x4.splat(0);
  for (const end = row + rowCounts * 4; row < end; row += 16) totals = i32x4.add(totals, v128.load(row));
  const halves = i32x4.add(totals, v128.shuffle<u64>(totals, totals, 1, 1));
  return i32x4.extract_lane(halves, 0) + i32x4.extract_lane(halves, 1);
}

/** Of four columns; leaves zeros. */
function columnTotals(column: usize): v128 {
  let totals = i32x4.splat(0);
  for (const end = column + pairHistogramBytes; column < end; column += rowCounts * 4) {
    totals = i32x4.add(totals, v128.load(column));
    v128.store(column, i32x4.splat(0));
  }
  return totals;
}
