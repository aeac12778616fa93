import { histogramBinCount, histogramLeastExponent } from "./tensor-sums.ts";

/** The populated part of a histogram of |τ| over its octaves. */
export interface LogHistogram {
  /** Exponent of 2 at the first bin's lower end, whole; each bin is half an octave. */
  readonly leastExponent: number;
  /** Exponent of 2 at the last bin's upper end, whole. */
  readonly mostExponent: number;
  readonly counts: readonly number[];
  readonly total: number;
}

/** Bins, two an octave, with fewer than this share of all at either end are left out. */
const negligibleShare = 1e-6;

/** Crops a histogram (of one tensor, or of several added) to whole octaves around what it holds; null when it holds nothing. */
export function populatedHistogram(histograms: readonly ArrayLike<number>[]): LogHistogram | null {
  const all = Array.from({ length: histogramBinCount }, (_, bin) =>
    histograms.reduce((sum, histogram) => sum + (histogram[bin] ?? 0), 0),
  );
  const total = all.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const counts = (count: number) => count > total * negligibleShare;
  const first = Math.floor(all.findIndex(counts) / 2);
  const end = Math.ceil((all.length - [...all].reverse().findIndex(counts)) / 2);
  return {
    leastExponent: histogramLeastExponent + first,
    mostExponent: histogramLeastExponent + end,
    counts: all.slice(2 * first, 2 * end),
    total,
  };
}
