import { afterEach, describe, expect, it } from "vitest";
import { bytesPerElement } from "../checkpoint/dtype.ts";
import type { Backend, FileRead, MeasureOperation, Operand } from "../engine/backend.ts";
import { Random } from "../random.ts";
import { compiledKernels, inProcessHost } from "../test-support/cpu-hosts.ts";
import { createInProcessHost } from "../test-support/in-process-host.ts";
import { createCpuBackend } from "./cpu-backend.ts";
import type { ThreadFiles } from "./piece-reader.ts";

const size = { inputBytes: 4 << 20, outputBytes: 1 << 16, operationCount: 16 };
const opened: Backend[] = [];

/** One file, of which a read brings only so much at a time. */
function filesOf(bytes: Uint8Array, mostAtOnce: number): ThreadFiles {
  return {
    now: () => 0,
    read(descriptor, destination, byteOffset) {
      if (descriptor !== 7) throw new Error("EBADF: bad file descriptor");
      const some = bytes.subarray(byteOffset, byteOffset + Math.min(destination.byteLength, mostAtOnce));
      destination.set(some);
      return some.byteLength;
    },
  };
}

async function open(files: ThreadFiles | null) {
  const host = files === null ? await inProcessHost() : createInProcessHost(await compiledKernels(), files);
  const backend = await createCpuBackend({ ...size, host, threadCount: 1, slotCount: 1 });
  opened.push(backend);
  const [slot] = backend.slots;
  if (slot?.measureFiles === undefined) throw new Error("no slot");
  return { backend, slot, measureFiles: slot.measureFiles.bind(slot) };
}

afterEach(() => {
  for (const backend of opened.splice(0)) backend.destroy();
});

/** Weights as bf16 or f32 hold them, of which a few are NaN or infinite. */
function weights(byteLength: number): Uint8Array {
  const random = new Random(5);
  const halves = Uint16Array.from({ length: byteLength / 2 }, () => {
    const bits = random.bits();
    return bits >>> 16 === 0 ? 0x7f80 : (bits & 0x807f) | ((118 + ((bits >>> 28) & 3)) << 7);
  });
  return new Uint8Array(halves.buffer);
}

/** Operands one after another, as the pipeline lays them out; a name stands for the same place wherever it is. */
function operation(elementCount: number, names: readonly (readonly [string, Operand["dtype"]])[]): MeasureOperation {
  const places = new Map<string, Operand>();
  let byteOffset = 0;
  for (const [name, dtype] of names) {
    if (places.has(name)) continue;
    places.set(name, { dtype, byteOffset });
    byteOffset += Math.ceil((elementCount * bytesPerElement(dtype)) / 16) * 16;
  }
  const at = (index: number) => places.get(names[index]?.[0] ?? "") ?? { dtype: "F32", byteOffset: 0 };
  const vectors = Array.from({ length: (names.length - 1) / 2 }, (_, v) => ({
    chat: at(1 + 2 * v),
    base: at(2 + 2 * v),
  }));
  return { elementCount, target: names[0]?.[0] === "none" ? null : at(0), vectors };
}

/** Reads that bring all of a file of this size to the round's input, in runs whose bounds lie anywhere. */
function readsOf(byteLength: number, cuts: readonly number[]): FileRead[] {
  const ends = [...cuts, byteLength];
  return ends.map((end, index) => {
    const byteOffset = ends[index - 1] ?? 0;
    return { descriptor: 7, byteOffset, byteLength: end - byteOffset, inputByteOffset: byteOffset };
  });
}

describe("measuring files by a thread that reads them itself", () => {
  it.each([
    [
      "three models of bf16",
      300_001,
      [
        ["t", "BF16"],
        ["c", "BF16"],
        ["b", "BF16"],
      ],
    ],
    [
      "mixed dtypes",
      150_003,
      [
        ["t", "F32"],
        ["c", "F16"],
        ["b", "BF16"],
      ],
    ],
    [
      "no target",
      200_000,
      [
        ["none", "BF16"],
        ["c", "BF16"],
        ["b", "BF16"],
      ],
    ],
    [
      "a target that is the chat model",
      200_000,
      [
        ["c", "BF16"],
        ["c", "BF16"],
        ["b", "BF16"],
      ],
    ],
    [
      "two vectors of one base",
      120_007,
      [
        ["t", "BF16"],
        ["c", "BF16"],
        ["b", "BF16"],
        ["d", "F32"],
        ["b", "BF16"],
      ],
    ],
    [
      "fewer than a tile",
      77,
      [
        ["t", "BF16"],
        ["c", "BF16"],
        ["b", "BF16"],
      ],
    ],
    [
      "nothing",
      0,
      [
        ["t", "BF16"],
        ["c", "BF16"],
        ["b", "BF16"],
      ],
    ],
  ] as const)("finds the bits that measuring from a slot's memory finds: %s", async (_, elementCount, names) => {
    const file = weights(size.inputBytes);
    const operations = [operation(elementCount, names)];
    const { slot } = await open(null);
    (await slot.prepare()).set(file);
    const expected = await slot.measure(operations);
    expect(expected[0]?.elementCount).toBeLessThanOrEqual(elementCount);
    for (const mostAtOnce of [Number.POSITIVE_INFINITY, 4097]) {
      const { measureFiles } = await open(filesOf(file, mostAtOnce));
      const { sums } = await measureFiles(readsOf(file.byteLength, [1_000_002, 1_000_004, 3_000_000]), operations);
      expect(sums).toEqual(expected);
    }
  });

  it("says which read failed, and goes on with the next round", async () => {
    const file = weights(60_000);
    const { measureFiles } = await open(filesOf(file, Number.POSITIVE_INFINITY));
    const operations = [
      operation(10_000, [
        ["t", "BF16"],
        ["c", "BF16"],
        ["b", "BF16"],
      ]),
    ];
    const [first, second] = readsOf(60_000, [30_000]);
    if (first === undefined || second === undefined) throw new Error("two reads");
    const beyond = { ...second, byteOffset: 50_000 };
    await expect(measureFiles([first, beyond], operations)).rejects.toMatchObject({
      index: 1,
      message: /ends at 60000/,
    });
    const closed = { ...second, descriptor: 8 };
    await expect(measureFiles([first, closed], operations)).rejects.toMatchObject({ index: 1, message: /EBADF/ });
    const { sums } = await measureFiles([first, second], operations);
    expect(sums[0]?.elementCount).toBeGreaterThan(9_000);
  });

  it("is offered only by threads that have files", async () => {
    expect((await open(null)).backend.fileRoundBytes).toBeUndefined();
    expect((await open(filesOf(weights(16), 16))).backend.fileRoundBytes).toBeGreaterThan(size.inputBytes);
  });
});
