import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type StridedView, storageRuns } from "../plan/element-runs.ts";
import { MemorySource } from "../test-support/memory-files.ts";
import { gatherView } from "./gather-view.ts";

/** Views over permuted, sliced and repeated dimensions. */
const views: fc.Arbitrary<StridedView> = fc
  .array(
    fc.record({
      size: fc.integer({ min: 1, max: 6 }),
      order: fc.nat(),
      gap: fc.constantFrom(1, 1, 2),
      repeat: fc.constantFrom(false, false, true),
    }),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  .map((dimensions) => {
    let stride = 1;
    const strides = new Array<number>(dimensions.length).fill(0);
    const order = [...dimensions.keys()].sort((a, b) => (dimensions[a]?.order ?? 0) - (dimensions[b]?.order ?? 0));
    for (const at of order) {
      const { size = 1, gap = 1, repeat = false } = dimensions[at] ?? {};
      if (repeat) continue;
      strides[at] = stride;
      stride *= size * gap;
    }
    return { shape: dimensions.map(({ size }) => size), strides };
  });

describe("a view that jumps about in storage", () => {
  test("is gathered in its own order, whole or in part", async () => {
    await fc.assert(
      fc.asyncProperty(views, fc.constantFrom(1, 2, 4), fc.nat(), fc.nat(), async (view, width, a, b) => {
        const total = view.shape.reduce((product, size) => product * size, 1);
        const [elementStart, end] = [a % (total + 1), b % (total + 1)].sort((x, y) => x - y) as [number, number];
        const storage = Uint8Array.from({ length: 5 + 4 * 6 ** 4 * 16 }, (_, index) => (index * 31) % 251);
        const destination = new Uint8Array((end - elementStart) * width);
        const read = { view, byteOffset: 5, elementByteLength: width, elementStart, elementCount: end - elementStart };
        await gatherView(new MemorySource("storage", storage), read, destination);
        const expected: number[] = [];
        for (const { elementOffset, elementCount } of storageRuns(view, elementStart, end - elementStart)) {
          expected.push(...storage.subarray(5 + elementOffset * width, 5 + (elementOffset + elementCount) * width));
        }
        expect([...destination]).toEqual(expected);
      }),
    );
  });

  test("is read in large blocks, each once", async () => {
    const source = new MemorySource("storage", new Uint8Array(2 * 3000 * 1500));
    const view = { shape: [3000, 1500], strides: [1, 3000] };
    await gatherView(
      source,
      { view, byteOffset: 0, elementByteLength: 2, elementStart: 0, elementCount: 1500 * 100 },
      new Uint8Array(2 * 1500 * 100),
    );
    expect(source.reads).toBe(3);
  });
});
