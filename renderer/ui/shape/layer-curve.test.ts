import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { scaleOfTensor } from "../../../src-core/recipe/scale.ts";
import {
  type CurvePoint,
  curvePresets,
  isFlat,
  layerForNewPoint,
  movePoint,
  presetCurve,
  refitCurve,
  removePoint,
  sampleCurve,
  setPoint,
} from "./layer-curve.ts";

const points: readonly CurvePoint[] = [
  { layer: 0, factor: 0.2 },
  { layer: 6, factor: 0.8 },
  { layer: 31, factor: 0.5 },
];

describe("a curve of points", () => {
  it("is linear between them", () => {
    const curve = sampleCurve(points, 32);
    expect(curve).toHaveLength(32);
    expect(curve[0]).toBe(0.2);
    expect(curve[3]).toBeCloseTo(0.5);
    expect(curve[6]).toBe(0.8);
    expect(curve[31]).toBe(0.5);
  });

  it("means the same as the recipe's evenly spaced curve at every layer, after rounding to f32", () => {
    const anyCurve = fc.integer({ min: 1, max: 200 }).chain((layerCount) =>
      fc.tuple(
        fc.constant(layerCount),
        fc.array(fc.record({ layer: fc.nat(layerCount - 1), factor: fc.double({ min: -4, max: 4, noNaN: true }) }), {
          minLength: 1,
        }),
      ),
    );
    fc.assert(
      fc.property(anyCurve, ([layerCount, anyPoints]) => {
        const curve = sampleCurve(anyPoints, layerCount);
        const vector = { name: "chat", chat: "c", base: "b", scale: 1, curve: [...curve] };
        curve.forEach((factor, layer) => {
          const { scale } = scaleOfTensor(vector, ["x"], layer, layerCount);
          expect(Math.abs(scale - factor)).toBeLessThanOrEqual(Math.abs(factor) * 2 ** -23 + 1e-9);
        });
      }),
    );
  });

  it("is flat only at 1", () => {
    expect(isFlat(presetCurve("flat", 32))).toBe(true);
    expect(isFlat(points)).toBe(false);
  });
});

describe("the presets", () => {
  test.each(curvePresets)("%s reaches from the first layer to the last", (preset) => {
    for (const layerCount of [1, 2, 3, 32, 126]) {
      const layers = presetCurve(preset, layerCount).map(({ layer }) => layer);
      expect(layers[0]).toBe(0);
      expect(layers.at(-1)).toBe(layerCount - 1);
      expect(new Set(layers).size).toBe(layers.length);
    }
  });

  it("keep their shape on another model", () => {
    expect(refitCurve(presetCurve("middle", 33), 33, 17)).toEqual(presetCurve("middle", 17));
    expect(refitCurve(points, 32, 32)).toBe(points);
  });
});

describe("a point", () => {
  it("moves between its neighbours and never past them", () => {
    expect(movePoint(points, 1, { layer: 40, factor: 1 })[1]).toEqual({ layer: 30, factor: 1 });
    expect(movePoint(points, 1, { layer: 0, factor: 1 })[1]).toEqual({ layer: 1, factor: 1 });
  });

  it("at an end changes its factor alone", () => {
    expect(movePoint(points, 0, { layer: 5, factor: 1 })[0]).toEqual({ layer: 0, factor: 1 });
    expect(movePoint(points, 2, { layer: 5, factor: 1 })[2]).toEqual({ layer: 31, factor: 1 });
  });

  it("is added where there is none, and replaces the one at its layer", () => {
    expect(setPoint(points, { layer: 10, factor: 1 })).toHaveLength(4);
    expect(setPoint(points, { layer: 6, factor: 1 })).toEqual([points[0], { layer: 6, factor: 1 }, points[2]]);
  });

  it("is taken away unless it is an end", () => {
    expect(removePoint(points, 1)).toEqual([points[0], points[2]]);
    expect(removePoint(points, 0)).toBe(points);
    expect(removePoint(points, 2)).toBe(points);
  });

  it("is added in the middle of the widest gap beside another", () => {
    expect(layerForNewPoint(points, 1)).toBe(19);
    expect(layerForNewPoint(points, 0)).toBe(3);
    expect(
      layerForNewPoint(
        [
          { layer: 0, factor: 1 },
          { layer: 1, factor: 1 },
        ],
        0,
      ),
    ).toBeNull();
  });
});
