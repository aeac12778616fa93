import { describe, expect, it } from "vitest";
import { placeBeside, placeOnScreens, windowPlaceSchema } from "./window-place.ts";

const screen = { x: 0, y: 25, width: 1920, height: 1055 };
const right = { x: 1920, y: 0, width: 2560, height: 1440 };
const kept = { version: 1, x: 2000, y: 100, width: 1400, height: 900, maximized: false } as const;

describe("a new window", () => {
  it("comes where the last one was", () => {
    expect(placeOnScreens(kept, [screen, right])).toEqual({ x: 2000, y: 100, width: 1400, height: 900 });
  });

  it("has its usual size the first time", () => {
    expect(placeOnScreens(null, [screen])).toEqual({ width: 1280, height: 800 });
  });

  it("keeps its size where its screen is gone, and no position", () => {
    expect(placeOnScreens(kept, [screen])).toEqual({ width: 1400, height: 900 });
  });

  it("is no larger than its screen, and never smaller than it can be", () => {
    expect(placeOnScreens({ ...kept, width: 9000, height: 10 }, [screen, right])).toEqual({
      x: 2000,
      y: 100,
      width: 2560,
      height: 480,
    });
  });

  it("has its upper edge on the screen, where it can be taken hold of", () => {
    expect(placeOnScreens({ ...kept, x: 100, y: 10 }, [screen])).toMatchObject({ x: 100, y: 25 });
    expect(placeOnScreens({ ...kept, x: 100, y: 1070 }, [screen])).toEqual({ width: 1400, height: 900 });
    expect(placeOnScreens({ ...kept, x: -1350, y: 100 }, [screen])).toEqual({ width: 1400, height: 900 });
  });
});

describe("a further window", () => {
  it("comes where it was, beside the one in front", () => {
    expect(placeBeside(kept, { ...kept, x: 100 })).toEqual(kept);
    expect(placeBeside(kept, null)).toEqual(kept);
  });

  it("comes a step away from the one in front where it would lie upon it, or has never been", () => {
    expect(placeBeside({ ...kept, width: 1000 }, kept)).toEqual({ ...kept, width: 1000, x: 2032, y: 132 });
    expect(placeBeside(null, { ...kept, maximized: true })).toEqual({ ...kept, x: 2032, y: 132 });
  });
});

it("takes no place from a damaged file", () => {
  for (const damaged of [null, [], {}, { ...kept, x: 1e9 }, { ...kept, width: 0 }, { ...kept, more: 1 }]) {
    expect(windowPlaceSchema.safeParse(damaged).success).toBe(false);
  }
});
