import { describe, expect, it } from "vitest";
import { histogramBinOf } from "../statistics/tensor-sums.ts";
import { elementsOf } from "./elements.ts";
import { measureElements } from "./measure.ts";

function f32(...values: number[]) {
  return elementsOf("F32", new Uint8Array(Float32Array.from(values).buffer), 0, values.length);
}

describe("measureElements", () => {
  it("forms τ = chat − base and σ = target − base", () => {
    const sums = measureElements(2, f32(5, -1), [{ chat: f32(3, 4), base: f32(1, 2) }]);
    // τ = 2, 2; σ = 4, −3.
    expect(sums).toMatchObject({ elementCount: 2, nonFiniteCount: 0, firstNonFinite: null, target: 26, pairs: [] });
    expect(sums.vectors[0]).toMatchObject({ base: 5, chat: 25, vector: 8, shift: 25 });
    expect(sums.vectors[0]).toMatchObject({ targetVector: 8, shiftVector: 2, absolute: 4, maximum: 2, zeroCount: 0 });
  });

  it("pairs vectors in the order (0,1), (0,2), (1,2), each with its own σ", () => {
    const of = (chat: number, base: number) => ({ chat: f32(chat), base: f32(base) });
    // τ = 1, 2, 3; σ = 10, 8, 7.
    const { pairs } = measureElements(1, f32(10), [of(1, 0), of(4, 2), of(6, 3)]);
    expect(pairs).toEqual([
      { vectors: 2, shiftOfFirst: 20, shiftOfSecond: 8 },
      { vectors: 3, shiftOfFirst: 30, shiftOfSecond: 7 },
      { vectors: 6, shiftOfFirst: 24, shiftOfSecond: 14 },
    ]);
  });

  it("has no target's sums without a target", () => {
    const vector = { chat: f32(3), base: f32(1) };
    const sums = measureElements(1, null, [vector, vector]);
    expect(sums).toMatchObject({ target: 0, pairs: [{ vectors: 4, shiftOfFirst: 0, shiftOfSecond: 0 }] });
    expect(sums.vectors[0]).toMatchObject({ base: 1, vector: 4, shift: 0, targetVector: 0, shiftVector: 0 });
  });

  it("leaves out an element that is not finite in any model, and names the first", () => {
    const target = f32(1, 1, 1, Number.NaN);
    const second = { chat: f32(2, Number.NEGATIVE_INFINITY, 2, 2), base: f32(1, Number.NaN, 1, 1) };
    const sums = measureElements(4, target, [{ chat: f32(4, 4, 4, 4), base: f32(1, 1, 1, 1) }, second]);
    expect(sums).toMatchObject({ elementCount: 2, nonFiniteCount: 2, target: 2 });
    expect(sums.firstNonFinite).toEqual({ index: 1, role: "chat", vector: 1 });
    expect(sums.vectors.map(({ vector }) => vector)).toEqual([18, 2]);
  });

  it("counts zeros of both signs as equal, and every other |τ| in its bin", () => {
    const vector = { chat: f32(0, -0, 2 ** -149, 1.5, 1), base: f32(-0, 0, 0, 0, 0) };
    const [sums] = measureElements(5, null, [vector]).vectors;
    expect(sums?.zeroCount).toBe(2);
    const filled = [...(sums?.histogram ?? [])].flatMap((count, bin) => (count === 0 ? [] : [[bin, count]]));
    expect(filled).toEqual([
      [0, 1],
      [histogramBinOf(0x3f800000), 1],
      [histogramBinOf(0x3fc00000), 1],
    ]);
  });

  it("keeps what f32 could not: squares beyond it, sums that it would absorb; the maximum is an f32", () => {
    const largest = (2 - 2 ** -23) * 2 ** 127;
    const [sums] = measureElements(2, null, [{ chat: f32(largest, 1), base: f32(-largest, 1 - 2 ** -24) }]).vectors;
    expect(sums).toMatchObject({ absolute: 2 * largest, vector: 4 * largest ** 2, maximum: Number.POSITIVE_INFINITY });
    const [tiny] = measureElements(2, null, [{ chat: f32(2 ** -149, 2 ** -140), base: f32(0, 0) }]).vectors;
    expect(tiny).toMatchObject({ vector: 2 ** -298 + 2 ** -280, maximum: 2 ** -140 });
    const [rounded] = measureElements(1, null, [{ chat: f32(1), base: f32(-(2 ** -25)) }]).vectors;
    expect(rounded).toMatchObject({ absolute: 1 + 2 ** -25, maximum: 1 });
  });

  it("takes no elements", () => {
    const sums = measureElements(0, f32(), [{ chat: f32(), base: f32() }]);
    expect(sums).toMatchObject({ elementCount: 0, firstNonFinite: null, vectors: [{ maximum: 0, zeroCount: 0 }] });
  });
});
