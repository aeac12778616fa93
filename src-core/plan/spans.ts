import type { PlannedSpan, PlannedVector } from "./merge-plan.ts";
import type { Contribution } from "./treatment.ts";

/**
 * Cuts a tensor's elements where the set of contributing vectors changes: each contribution covers a prefix.
 * An empty tensor has no span.
 */
export function spansOf(
  elementCount: number,
  contributions: readonly Contribution[],
  plan: (contribution: Contribution, elementOffset: number, elementCount: number) => PlannedVector,
): PlannedSpan[] {
  const ends = [...new Set([...contributions.map((contribution) => contribution.elementCount), elementCount])];
  ends.sort((a, b) => a - b);
  const spans: PlannedSpan[] = [];
  let elementOffset = 0;
  for (const end of ends) {
    if (end <= elementOffset) continue;
    const vectors = contributions
      .filter((contribution) => contribution.elementCount >= end)
      .map((contribution) => plan(contribution, elementOffset, end - elementOffset));
    spans.push({ elementOffset, elementCount: end - elementOffset, vectors });
    elementOffset = end;
  }
  return spans;
}
