import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CoveredRun, spansOf } from "./spans.ts";

const runsOf: fc.Arbitrary<CoveredRun[]> = fc
  .array(
    fc.record({
      gap: fc.integer({ min: 0, max: 3 }),
      count: fc.integer({ min: 1, max: 4 }),
      chat: fc.nat(100),
      base: fc.nat(100),
    }),
  )
  .map((pieces) => {
    let target = 0;
    return pieces.map(({ gap, count, chat, base }) => {
      target += gap;
      const run = { target, chat, base, elementCount: count };
      target += count;
      return run;
    });
  });

/** For every element of the target: which vectors reach it, and from which elements. */
function reachedBy(elementCount: number, contributions: readonly CoveredRun[][]): string[] {
  const reached = Array.from({ length: elementCount }, () => [] as string[]);
  contributions.forEach((runs, vector) => {
    for (const { target, chat, base, elementCount: count } of runs) {
      for (let i = 0; i < count; i++) reached[target + i]?.push(`${vector}:${chat + i}:${base + i}`);
    }
  });
  return reached.map((words) => words.join());
}

describe("spans", () => {
  test("cover every element once, with the vectors that reach it and the elements they bring", () => {
    fc.assert(
      fc.property(runsOf, runsOf, fc.nat(5), (first, second, behind) => {
        const ends = [first, second].map((runs) => (runs.at(-1)?.target ?? 0) + (runs.at(-1)?.elementCount ?? 0));
        const elementCount = Math.max(...ends) + behind;
        const contributions = [first, second].map((runs, vector) => ({ vector, runs }));
        const spans = spansOf(elementCount, contributions, ({ vector }, runs) => ({ vector, runs }));
        const reached: string[] = [];
        for (const { elementOffset, elementCount: count, vectors } of spans) {
          expect(elementOffset).toBe(reached.length);
          for (let i = 0; i < count; i++) {
            const words = vectors.map(({ vector, runs }) => {
              let within = i;
              for (const run of runs) {
                if (within < run.elementCount) return `${vector}:${run.chat + within}:${run.base + within}`;
                within -= run.elementCount;
              }
              return "none";
            });
            reached.push(words.join());
          }
        }
        expect(reached).toEqual(reachedBy(elementCount, [first, second]));
      }),
    );
  });

  test("are as few as the changes of vectors", () => {
    const runs = [
      { target: 0, chat: 7, base: 1, elementCount: 2 },
      { target: 2, chat: 3, base: 3, elementCount: 2 },
    ];
    const spans = spansOf(6, [{ runs }], (_, taken) => taken);
    expect(spans.map(({ elementCount, vectors }) => [elementCount, vectors.length])).toEqual([
      [4, 1],
      [2, 0],
    ]);
  });
});
