import { expect, test } from "vitest";
import { compiledKernels } from "../test-support/cpu-hosts.ts";
import { layOutMemory, measureTileElements, readBufferBytes, readBufferOf, scratchBytes } from "./memory-layout.ts";
import { operationBytes } from "./operation-table.ts";

const size = { inputBytes: 1000, outputBytes: 500, operationCount: 3 };

test("both sides of the kernels' memory know its sizes", async () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const { exports } = await WebAssembly.instantiate(await compiledKernels(), { env: { memory } });
  const globals = ["scratchBytes", "operationBytes", "measureTileElements"];
  const values = globals.map((name) => [name, (exports[name] as WebAssembly.Global).value]);
  expect(Object.fromEntries(values)).toEqual({ scratchBytes, operationBytes, measureTileElements });
});

test("no two parts of the memory overlap, and none lies at address 0", () => {
  const { pageCount, slots, scratches } = layOutMemory(size, 4, 3);
  const parts = [
    ...scratches.map((start) => ({ start, byteLength: readBufferOf(0) + readBufferBytes })),
    ...slots.flatMap(({ table, input, output, results }) => [
      { start: table, byteLength: operationBytes * size.operationCount },
      { start: input, byteLength: size.inputBytes },
      { start: output, byteLength: size.outputBytes },
      { start: results, byteLength: 8 },
    ]),
  ].sort((a, b) => a.start - b.start);
  let end = 1;
  for (const { start, byteLength } of parts) {
    expect(start).toBeGreaterThanOrEqual(end);
    expect(start % 64).toBe(0);
    end = start + byteLength;
  }
  expect(parts).toHaveLength(19);
  expect(pageCount * 65_536).toBeGreaterThanOrEqual(end);
});

test("no piece of a file has an address that a kernel takes for none, counted back to the operand's start", () => {
  // Pieces start at multiples of a tile's bytes from each other, and operands as far before them.
  const tileBytes = 2 * measureTileElements;
  for (const scratch of layOutMemory(size, 4, 8).scratches) expect(readBufferOf(scratch) % tileBytes).not.toBe(0);
});

test("a ring beyond what addresses reach is refused", () => {
  expect(() => layOutMemory({ ...size, inputBytes: 2 ** 31 }, 2, 1)).toThrow(RangeError);
});
