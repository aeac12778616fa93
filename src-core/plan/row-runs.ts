import type { RowRun } from "../vocabulary/match-rows.ts";
import type { CoveredRun } from "./spans.ts";

/** By rows and width: a plan is made anew on every change of λ, and a shuffled vocabulary has a run for every row. */
const known = new WeakMap<readonly RowRun[], { readonly width: number; readonly runs: readonly CoveredRun[] }>();

/** Rows of a tensor as elements of it, `width` in each row. */
export function elementsOfRows(rowRuns: readonly RowRun[], width: number): readonly CoveredRun[] {
  if (width === 0) return [];
  const found = known.get(rowRuns);
  if (found?.width === width) return found.runs;
  const runs = rowRuns.map(({ targetRow, chatRow, baseRow, rowCount }) => ({
    target: targetRow * width,
    chat: chatRow * width,
    base: baseRow * width,
    elementCount: rowCount * width,
  }));
  known.set(rowRuns, { width, runs });
  return runs;
}

/** The first `rowCount` rows of each. */
export function firstRows(rowCount: number): RowRun[] {
  return rowCount === 0 ? [] : [{ targetRow: 0, chatRow: 0, baseRow: 0, rowCount }];
}

/** The runs without some rows of the target, given in ascending order. */
export function withoutRows(runs: readonly RowRun[], targetRows: readonly number[]): readonly RowRun[] {
  if (targetRows.length === 0) return runs;
  let next = 0;
  return runs.flatMap((run) => {
    const pieces: RowRun[] = [];
    const end = run.targetRow + run.rowCount;
    let from = run.targetRow;
    while ((targetRows[next] ?? end) < from) next++;
    for (let row = targetRows[next]; row !== undefined && row < end; row = targetRows[++next]) {
      if (row > from) pieces.push(part(run, from, row));
      from = row + 1;
    }
    if (end > from) pieces.push(part(run, from, end));
    return pieces;
  });
}

function part({ targetRow, chatRow, baseRow }: RowRun, from: number, to: number): RowRun {
  const skipped = from - targetRow;
  return { targetRow: from, chatRow: chatRow + skipped, baseRow: baseRow + skipped, rowCount: to - from };
}
