import { describe, expect, test } from "vitest";
import { Random } from "../random.ts";
import { elementsOf } from "../reference/elements.ts";
import { measureElements } from "../reference/measure.ts";
import { cosineOfVectors, metricsOf } from "./metrics.ts";
import { StatisticsBuilder, type TensorStatistics } from "./tensor-statistics.ts";

const count = 500;
const random = new Random(11);
const values = () => Float32Array.from({ length: count }, () => random.bits() / 2 ** 31 - 1);
const [target, chat0, base0, chat1, base1] = [values(), values(), values(), values(), values()];
const elements = (of: Float32Array) => elementsOf("F32", new Uint8Array(of.buffer), 0, count);

function statistics(): TensorStatistics {
  const builder = new StatisticsBuilder({ name: "a", elementCount: count }, 2, true);
  const vectors = [
    { chat: elements(chat0), base: elements(base0) },
    { chat: elements(chat1), base: elements(base1) },
  ];
  builder.add(measureElements(count, elements(target), vectors), 0, [0, 1]);
  return builder.finish();
}

const norm = (of: (index: number) => number) => Math.sqrt(target.reduce((sum, _, index) => sum + of(index) ** 2, 0));
const at = (array: Float32Array, index: number) => array[index] ?? 0;
const tau0 = (i: number) => at(chat0, i) - at(base0, i);
const tau1 = (i: number) => at(chat1, i) - at(base1, i);
const dot = (a: (i: number) => number, b: (i: number) => number) => target.reduce((sum, _, i) => sum + a(i) * b(i), 0);

describe("metrics from inner products", () => {
  test("are the metrics of the elements, for any λ of two vectors", () => {
    for (const scales of [
      [0.8, 0.5],
      [0, 0],
      [-1, 2],
      [1, -1],
    ] as const) {
      const metrics = metricsOf([{ statistics: statistics(), scales }], 0);
      const moved = (i: number) => scales[0] * tau0(i) + scales[1] * tau1(i);
      const sigma = (i: number) => at(target, i) - at(base0, i);
      expect(metrics.vector).toBeCloseTo(norm(tau0), 9);
      expect(metrics.shift).toBeCloseTo(norm(sigma), 9);
      expect(metrics.merged).toBeCloseTo(
        norm((i) => at(target, i) + moved(i)),
        9,
      );
      expect(metrics.mergedShift).toBeCloseTo(norm(moved), 9);
      expect(metrics.relative).toBeCloseTo(norm(tau0) / norm((i) => at(base0, i)), 9);
      expect(metrics.mergedShiftRelative).toBeCloseTo(norm(moved) / norm((i) => at(target, i)), 9);
      expect(metrics.cosine).toBeCloseTo(dot(tau0, sigma) / norm(tau0) / norm(sigma), 9);
    }
  });

  test("of several tensors are those of all their elements together", () => {
    const both = metricsOf(
      [
        { statistics: statistics(), scales: [1, 0] },
        { statistics: statistics(), scales: [0.5, 0] },
      ],
      0,
    );
    expect(both.vector).toBeCloseTo(Math.SQRT2 * norm(tau0), 9);
    expect(both.mergedShift).toBeCloseTo(Math.sqrt(1.25) * norm(tau0), 9);
  });

  test("of two vectors have a cosine with each other", () => {
    expect(cosineOfVectors([statistics()], 0, 1)).toBeCloseTo(dot(tau0, tau1) / norm(tau0) / norm(tau1), 9);
    expect(cosineOfVectors([statistics()], 1, 0)).toBe(cosineOfVectors([statistics()], 0, 1));
  });

  test("are null, not zero, where a model is missing", () => {
    const builder = new StatisticsBuilder({ name: "a", elementCount: count }, 1, false);
    builder.add(measureElements(count, null, [{ chat: elements(chat0), base: elements(base0) }]), 0, [0]);
    const metrics = metricsOf([{ statistics: builder.finish(), scales: [1] }], 0);
    expect(metrics).toMatchObject({ target: null, shift: null, merged: null, mergedShift: null, cosine: null });
    expect(metrics.vector).toBeCloseTo(norm(tau0), 9);
    const untouched = new StatisticsBuilder({ name: "b", elementCount: 3 }, 1, true).finish();
    expect(metricsOf([{ statistics: untouched, scales: [1] }], 0)).toMatchObject({
      vector: null,
      relative: null,
      zeroFraction: null,
    });
  });
});
