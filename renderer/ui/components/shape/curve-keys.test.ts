import { describe, expect, it, test } from "vitest";
import { curveAxis, factorAtY } from "./curve-axis.ts";
import { changeByKey } from "./curve-point.tsx";

const points = [
  { layer: 0, factor: 0.5 },
  { layer: 8, factor: 1 },
  { layer: 31, factor: 0.25 },
];
const press = (key: string, index: number, shiftKey = false) => changeByKey({ key, shiftKey }, points, index, 32);

describe("a key on a point of the curve", () => {
  test.each([
    ["ArrowUp", false, { layer: 8, factor: 1.05 }],
    ["ArrowDown", false, { layer: 8, factor: 0.95 }],
    ["ArrowDown", true, { layer: 8, factor: 0.995 }],
    ["ArrowRight", false, { layer: 9, factor: 1 }],
    ["ArrowLeft", false, { layer: 7, factor: 1 }],
  ])("%s (shift %s) moves it", (key, shiftKey, point) => {
    expect(press(key, 1, shiftKey)).toEqual({ points: [points[0], point, points[2]], index: 1 });
  });

  it("takes it away with Delete, and goes to the one before", () => {
    expect(press("Delete", 1)).toEqual({ points: [points[0], points[2]], index: 0 });
    expect(press("Backspace", 2)).toEqual({ points, index: 2 });
  });

  it("adds one beside it with Enter, on the line, and goes there", () => {
    const added = press("Enter", 1);
    expect(added?.points).toHaveLength(4);
    expect(added?.index).toBe(2);
    expect(added?.points[2]?.layer).toBe(20);
    expect(added?.points[2]?.factor).toBeCloseTo(1 - 0.75 * (12 / 23));
  });

  it("is nothing for other keys", () => expect(press("a", 1)).toBeNull());
});

describe("the curve's axis", () => {
  it("goes from 0 to 1, and further where a point does", () => {
    expect(curveAxis(points, 76)).toEqual({ bottom: 0, top: 1, height: 76 });
    expect(
      curveAxis(
        [
          { layer: 0, factor: -0.3 },
          { layer: 1, factor: 1.2 },
        ],
        76,
      ),
    ).toMatchObject({ bottom: -0.3, top: 1.5 });
  });

  it("lets a point be dragged a little beyond its top, in hundredths, and not below 0", () => {
    const axis = curveAxis(points, 100);
    expect(factorAtY(axis, 50.4)).toBe(0.5);
    expect(factorAtY(axis, -200)).toBe(1.25);
    expect(factorAtY(axis, 200)).toBe(0);
  });
});
