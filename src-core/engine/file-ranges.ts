import { RangeSet } from "./range-set.ts";

/** Bytes [start, end) of an output file. */
export interface FileRange {
  readonly file: number;
  readonly start: number;
  readonly end: number;
}

/** Sets of byte ranges, by output file. */
export type RangesByFile = Map<number, RangeSet>;

export function addRange(sets: RangesByFile, { file, start, end }: FileRange): void {
  const set = sets.get(file) ?? new RangeSet();
  set.add(start, end);
  sets.set(file, set);
}

/** As a list, which crosses processes. */
export function listRanges(sets: ReadonlyMap<number, RangeSet>): FileRange[] {
  return [...sets].flatMap(([file, { ranges }]) => ranges.map(({ start, end }) => ({ file, start, end })));
}

/** The way back. */
export function collectRanges(list: readonly FileRange[]): RangesByFile {
  const sets: RangesByFile = new Map();
  for (const range of list) addRange(sets, range);
  return sets;
}
