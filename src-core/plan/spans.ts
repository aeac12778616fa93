import type { ElementRun } from "./element-runs.ts";

/** Consecutive elements of the target that a contribution reaches, and those of chat and base that they meet. */
export interface CoveredRun extends ElementRun {
  /** The first element in the target's tensor. */
  readonly target: number;
}

interface Covers {
  readonly runs: readonly CoveredRun[];
}

interface Span<Planned> {
  readonly elementOffset: number;
  readonly elementCount: number;
  readonly vectors: readonly Planned[];
}

/**
 * Cuts a tensor's elements where the set of contributing vectors changes. A contribution's runs are in the target's order and
 * do not overlap. An empty tensor has no span.
 */
export function spansOf<Covering extends Covers, Planned>(
  elementCount: number,
  contributions: readonly Covering[],
  plan: (contribution: Covering, runs: readonly ElementRun[]) => Planned,
): Span<Planned>[] {
  const cuts = cutsOf(elementCount, contributions);
  const cursors = contributions.map(({ runs }) => new RunCursor(runs));
  const spans: Span<Planned>[] = [];
  for (let at = 0; at + 1 < cuts.length; at++) {
    const [start, end] = [cuts[at] ?? 0, cuts[at + 1] ?? 0];
    const vectors: Planned[] = [];
    contributions.forEach((contribution, index) => {
      const runs = cursors[index]?.take(start, end) ?? [];
      if (runs.length > 0) vectors.push(plan(contribution, runs));
    });
    spans.push({ elementOffset: start, elementCount: end - start, vectors });
  }
  return spans;
}

/** Elements that are taken from elsewhere, in the tensor's order. */
interface Taken<From> {
  readonly elementOffset: number;
  readonly elementCount: number;
  readonly from: From;
}

/** The spans with what is taken in its places, which no contribution reaches. */
export function withTaken<Planned, From>(
  spans: readonly Span<Planned>[],
  taken: readonly Taken<From>[],
): (Span<Planned> & { readonly from?: From })[] {
  if (taken.length === 0) return [...spans];
  let next = 0;
  return spans.flatMap((span) => {
    const pieces: (Span<Planned> & { readonly from?: From })[] = [];
    const end = span.elementOffset + span.elementCount;
    let at = span.elementOffset;
    for (let piece = taken[next]; piece !== undefined && piece.elementOffset < end; piece = taken[++next]) {
      if (piece.elementOffset > at) pieces.push({ ...span, elementOffset: at, elementCount: piece.elementOffset - at });
      pieces.push({ ...piece, vectors: [] });
      at = piece.elementOffset + piece.elementCount;
    }
    if (end > at) pieces.push({ ...span, elementOffset: at, elementCount: end - at });
    return pieces;
  });
}

/** Where some contribution begins or ceases to reach the target, ascending, with both ends of the tensor. */
function cutsOf(elementCount: number, contributions: readonly Covers[]): Float64Array {
  const cuts = new Set([0, elementCount]);
  for (const { runs } of contributions) {
    let covered = -1;
    for (const run of runs) {
      if (run.target !== covered) {
        if (covered >= 0) cuts.add(covered);
        cuts.add(run.target);
      }
      covered = run.target + run.elementCount;
    }
    if (covered >= 0) cuts.add(covered);
  }
  return Float64Array.from(cuts).sort();
}

/** Walks a contribution's runs once, from front to back. */
class RunCursor {
  readonly #runs: readonly CoveredRun[];
  #at = 0;

  constructor(runs: readonly CoveredRun[]) {
    this.#runs = runs;
  }

  /** What the runs have between two places of the target; nothing when they do not reach there. */
  take(start: number, end: number): ElementRun[] {
    const taken: ElementRun[] = [];
    for (let run = this.#runs[this.#at]; run !== undefined && run.target < end; run = this.#runs[++this.#at]) {
      const from = Math.max(start, run.target);
      const to = Math.min(end, run.target + run.elementCount);
      const skipped = from - run.target;
      if (to > from) taken.push({ chat: run.chat + skipped, base: run.base + skipped, elementCount: to - from });
      // A run that goes on behind this span is the next one's first.
      if (run.target + run.elementCount > end) break;
    }
    return taken;
  }
}
