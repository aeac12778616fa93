import type { NonFiniteElement, PairSums, TensorSums, VectorSums } from "../statistics/tensor-sums.ts";
import { pairIndices } from "./measure-exact.ts";

/** design.md §3.5: sums against float64. */
export const sumTolerance = 1e-5;

/**
 * Holds sums to what they should be: counts, maximum and histogram exactly; sums of squares and of |τ| to `tolerance`, relative;
 * other inner products to `tolerance` times the product of the two norms. Returns a sentence with all that differs, or null.
 */
export function checkSums(name: string, actual: TensorSums, expected: TensorSums, tolerance: number): string | null {
  const checker = new Checker(tolerance);
  checker.equal("elementCount", actual.elementCount, expected.elementCount);
  checker.equal("nonFiniteCount", actual.nonFiniteCount, expected.nonFiniteCount);
  checker.equal("firstNonFinite", place(actual.firstNonFinite), place(expected.firstNonFinite));
  checker.near("target", actual.target, expected.target, expected.target);
  checker.equal("vectors", actual.vectors.length, expected.vectors.length);
  expected.vectors.forEach((sums, v) => {
    checkVector(checker, v, actual.vectors[v], sums, expected.target);
  });
  checker.equal("pairs", actual.pairs.length, expected.pairs.length);
  pairIndices(expected.vectors.length).forEach(([v, w], index) => {
    checkPair(checker, `pair ${v}, ${w}`, actual.pairs[index], expected.pairs[index], [
      expected.vectors[v],
      expected.vectors[w],
    ]);
  });
  return checker.differences.length === 0 ? null : `${name}: ${checker.differences.join("; ")}`;
}

function checkVector(
  checker: Checker,
  v: number,
  actual: VectorSums | undefined,
  expected: VectorSums,
  target: number,
): void {
  if (actual === undefined) return;
  for (const sum of ["base", "chat", "vector", "shift", "absolute"] as const) {
    checker.near(`${sum} ${v}`, actual[sum], expected[sum], expected[sum]);
  }
  checker.near(`targetVector ${v}`, actual.targetVector, expected.targetVector, norms(target, expected.vector));
  checker.near(`shiftVector ${v}`, actual.shiftVector, expected.shiftVector, norms(expected.shift, expected.vector));
  checker.equal(`maximum ${v}`, actual.maximum, expected.maximum);
  checker.equal(`zeroCount ${v}`, actual.zeroCount, expected.zeroCount);
  checker.equal(`bins ${v}`, actual.histogram.length, expected.histogram.length);
  expected.histogram.forEach((count, bin) => {
    checker.equal(`bin ${bin} of ${v}`, actual.histogram[bin], count);
  });
}

function checkPair(
  checker: Checker,
  name: string,
  actual: PairSums | undefined,
  expected: PairSums | undefined,
  [first, second]: readonly [VectorSums | undefined, VectorSums | undefined],
): void {
  if (!actual || !expected || !first || !second) {
    checker.equal(name, "missing", "there");
    return;
  }
  const names = [
    norms(first.vector, second.vector),
    norms(first.shift, second.vector),
    norms(second.shift, first.vector),
  ];
  checker.near(`${name}: vectors`, actual.vectors, expected.vectors, names[0] ?? 0);
  checker.near(`${name}: shiftOfFirst`, actual.shiftOfFirst, expected.shiftOfFirst, names[1] ?? 0);
  checker.near(`${name}: shiftOfSecond`, actual.shiftOfSecond, expected.shiftOfSecond, names[2] ?? 0);
}

/** ‖a‖ · ‖b‖ from their squares; their product may be below float64. */
function norms(squaresOfA: number, squaresOfB: number): number {
  return Math.sqrt(squaresOfA) * Math.sqrt(squaresOfB);
}

function place(element: NonFiniteElement | null): string {
  return element === null ? "none" : `${element.index} in ${element.role} ${element.vector}`;
}

class Checker {
  readonly differences: string[] = [];
  readonly #tolerance: number;

  constructor(tolerance: number) {
    this.#tolerance = tolerance;
  }

  equal(name: string, actual: unknown, expected: unknown): void {
    if (actual !== expected) this.differences.push(`${name} is ${actual}, expected ${expected}`);
  }

  near(name: string, actual: number, expected: number, magnitude: number): void {
    const allowed = this.#tolerance * magnitude;
    // So that NaN is a difference.
    if (Math.abs(actual - expected) <= allowed) return;
    this.differences.push(`${name} is ${actual}, expected ${expected} ± ${allowed}`);
  }
}
