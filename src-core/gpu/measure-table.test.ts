import { describe, expect, it } from "vitest";
import { slotInputBytes, slotOperationCount, slotOutputBytes } from "../limits.ts";
import { measureShapeOnCpu, measureShapeOnGpu, tileElementsOf } from "./measure-kernel.ts";
import { largestPartialsBytes, largestTileCount } from "./measure-table.ts";

describe("the partial sums of a round", () => {
  const size = { inputBytes: slotInputBytes, outputBytes: slotOutputBytes, operationCount: slotOperationCount };

  it.each([measureShapeOnCpu, measureShapeOnGpu])("fit the application's slots, cut as %o", (shape) => {
    const tileElements = tileElementsOf(shape);
    expect(largestPartialsBytes(size, tileElements)).toBeLessThan(slotOutputBytes / 4);
    // The list of deferred tiles, in the buffer for merging's deferred groups.
    expect(8 * largestTileCount(size, tileElements)).toBeLessThan(slotOutputBytes / 4);
  });
});
