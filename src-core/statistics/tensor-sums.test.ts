import { describe, expect, it } from "vitest";
import {
  addTensorSums,
  histogramBinCount,
  histogramBinOf,
  histogramLeastExponent,
  type NonFiniteElement,
  type TensorSums,
} from "./tensor-sums.ts";

const view = new DataView(new ArrayBuffer(4));

function binOf(value: number): number {
  view.setFloat32(0, value);
  return histogramBinOf(view.getUint32(0));
}

describe("histogramBinOf", () => {
  it("has two bins an octave, divided at one and a half", () => {
    const one = -2 * histogramLeastExponent;
    expect([1, 1.499, 1.5, 1.999, 2, 3].map(binOf)).toEqual([one, one, one + 1, one + 1, one + 2, one + 3]);
    expect([0.75, 0.5].map(binOf)).toEqual([one - 1, one - 2]);
  });

  it("counts what lies beyond either end in the last bin there", () => {
    expect([2 ** -149, 2 ** -126, 2 ** -49, 2 ** -48, 1.499 * 2 ** -48].map(binOf)).toEqual([0, 0, 0, 0, 0]);
    expect(binOf(1.5 * 2 ** -48)).toBe(1);
    const last = histogramBinCount - 1;
    expect([1.5 * 2 ** 15, 2 ** 16, 2 ** 127, Number.POSITIVE_INFINITY].map(binOf)).toEqual([last, last, last, last]);
    expect(binOf(1.499 * 2 ** 15)).toBe(last - 1);
  });
});

/** Every sum is another number, from `first` on. */
function sums(first: number, firstNonFinite: NonFiniteElement | null): TensorSums {
  let next = first;
  const draw = () => next++;
  const vector = () => ({
    base: draw(),
    chat: draw(),
    vector: draw(),
    shift: draw(),
    targetVector: draw(),
    shiftVector: draw(),
    absolute: draw(),
    maximum: draw(),
    zeroCount: draw(),
    histogram: Uint32Array.from({ length: histogramBinCount }, draw),
  });
  return {
    elementCount: draw(),
    nonFiniteCount: draw(),
    firstNonFinite,
    target: draw(),
    vectors: [vector(), vector()],
    pairs: [{ vectors: draw(), shiftOfFirst: draw(), shiftOfSecond: draw() }],
  };
}

/** All numbers of some sums in one row. */
function numbersOf({ elementCount, nonFiniteCount, target, vectors, pairs }: TensorSums): number[] {
  return [
    ...[elementCount, nonFiniteCount, target],
    ...vectors.flatMap(({ histogram, ...rest }) => [...Object.values(rest), ...histogram]),
    ...pairs.flatMap((pair) => Object.values(pair)),
  ];
}

describe("addTensorSums", () => {
  it("adds every sum, takes the greater maximum, and leaves its parts as they were", () => {
    const [a, b] = [sums(1, null), sums(1000, null)];
    const [numbersA, numbersB] = [numbersOf(a), numbersOf(b)];
    const sum = addTensorSums(a, b, 50);
    const maxima = sum.vectors.map(({ maximum }) => maximum);
    expect(maxima).toEqual(b.vectors.map(({ maximum }) => maximum));
    const added = numbersA.map((number, index) => number + (numbersB[index] ?? Number.NaN));
    const withMaxima = added.map((number, index) => {
      const ofB = numbersB[index] ?? Number.NaN;
      return maxima.includes(ofB) ? ofB : number;
    });
    expect(numbersOf(sum)).toEqual(withMaxima);
    expect(numbersOf(a)).toEqual(numbersA);
    expect(numbersOf(b)).toEqual(numbersB);
    expect(addTensorSums(b, a, 50).vectors.map(({ maximum }) => maximum)).toEqual(maxima);
  });

  it.each([
    [null, null, null],
    [7, null, 7],
    [null, 7, 107],
    [7, 3, 7],
    [103, 2, 102],
  ])("of non-finite elements at %o and %o, the second part from 100 on, names %o", (first, second, expected) => {
    const at = (index: number | null, vector: number) =>
      index === null ? null : ({ index, role: "chat", vector } as const);
    const { firstNonFinite } = addTensorSums(sums(1, at(first, 0)), sums(1, at(second, 1)), 100);
    expect(firstNonFinite).toEqual(at(expected, expected === first ? 0 : 1));
  });

  it("refuses sums of another number of vectors", () => {
    const two = sums(1, null);
    expect(() => addTensorSums(two, { ...two, vectors: two.vectors.slice(1) }, 0)).toThrow(RangeError);
    expect(() => addTensorSums(two, { ...two, pairs: [] }, 0)).toThrow(RangeError);
  });
});
