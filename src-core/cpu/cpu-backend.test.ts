import { afterEach, describe, expect, it } from "vitest";
import type { Backend, MergeOperation } from "../engine/backend.ts";
import type { SlotSize } from "../engine/check-operations.ts";
import { inProcessHost, workerThreadsHost } from "../test-support/cpu-hosts.ts";
import { createCpuBackend } from "./cpu-backend.ts";
import type { CpuHost, ThreadEvents } from "./cpu-host.ts";
import type { KernelRequest } from "./kernel-protocol.ts";
import { leastDifferenceBits } from "./operation-table.ts";

const size: SlotSize = { inputBytes: 4096, outputBytes: 4096, operationCount: 64 };
const opened: Backend[] = [];

async function open(host: CpuHost, options: Partial<SlotSize & { threadCount: number; slotCount: number }> = {}) {
  const backend = await createCpuBackend({ ...size, threadCount: 1, slotCount: 1, ...options, host });
  opened.push(backend);
  const [slot] = backend.slots;
  if (slot === undefined) throw new Error("no slot");
  return { backend, slot };
}

afterEach(() => {
  for (const backend of opened.splice(0)) backend.destroy();
});

/** out = target + (chat − base) over f32 at these places of the slot. */
function addition(at: number, elementCount = 8): MergeOperation {
  const operand = (byteOffset: number) => ({ dtype: "F32", byteOffset }) as const;
  const vectors = [{ scale: 1, chat: operand(32), base: operand(64) }];
  return { elementCount, target: operand(0), vectors, output: operand(at) };
}

function fill(input: Uint8Array, target: number, chat: number, base: number): void {
  const floats = new Float32Array(input.buffer, input.byteOffset, 24);
  floats.fill(target, 0, 8).fill(chat, 8, 16).fill(base, 16, 24);
}

const bitsOf = (f32: number) => new Uint32Array(Float32Array.of(f32).buffer)[0] ?? 0;
const floatsOf = (bytes: Uint8Array) => [...new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)];

describe("the CPU backend", () => {
  it("goes round: prepare, fill, merge, read, prepare again", async () => {
    const { slot, backend } = await open(await inProcessHost());
    expect(backend).toMatchObject({ kind: "cpu", adapter: "CPU, 1 thread (WASM SIMD)", slotSize: size });
    for (const target of [1, 2, 3]) {
      const input = await slot.prepare();
      expect(input.byteLength).toBe(size.inputBytes);
      fill(input, target, 5, 3);
      const { borrowedOutput, newNonFinite } = await slot.merge([addition(0)]);
      expect(floatsOf(borrowedOutput)).toEqual(Array(8).fill(target + 2));
      expect(newNonFinite).toEqual([0]);
    }
  });

  it("writes one operation's elements and no others'", async () => {
    const { slot } = await open(await inProcessHost());
    fill(await slot.prepare(), 1, 5, 3);
    await slot.merge([addition(0), addition(32), addition(64)]);
    fill(await slot.prepare(), 7, 0, 0);
    const { borrowedOutput } = await slot.merge([addition(16, 3), addition(32, 0), addition(64, 1)]);
    expect(floatsOf(borrowedOutput)).toEqual([3, 3, 3, 3, 7, 7, 7, ...Array(9).fill(3), 7]);
  });

  it("counts what became infinite or NaN, operation by operation", async () => {
    const { slot } = await open(await inProcessHost());
    const input = await slot.prepare();
    fill(input, 1, Number.POSITIVE_INFINITY, 0);
    new Float32Array(input.buffer, input.byteOffset, 2).set([Number.NaN, Number.POSITIVE_INFINITY]);
    const { newNonFinite } = await slot.merge([addition(0), addition(32, 3), addition(64, 2)]);
    expect(newNonFinite).toEqual([6, 1, 0]);
  });

  it.each([
    ["F16", 65_520, 0x7c00],
    ["BF16", 2 ** 128 - 2 ** 119, 0x7f80],
  ] as const)("counts the least value that %s rounds to infinity", async (dtype, least, infinity) => {
    const { slot } = await open(await inProcessHost());
    const input = await slot.prepare();
    const values = Float32Array.of(1, 2, 3, least, 5, least, 7, 8);
    new Uint32Array(values.buffer).set([bitsOf(least) - 1], 5);
    new Float32Array(input.buffer, input.byteOffset, 8).set(values);
    const operation = { elementCount: 8, target: { dtype: "F32", byteOffset: 0 }, vectors: [] } as const;
    const { borrowedOutput, newNonFinite } = await slot.merge([{ ...operation, output: { dtype, byteOffset: 0 } }]);
    expect(newNonFinite).toEqual([1]);
    const bits = new Uint16Array(borrowedOutput.buffer, borrowedOutput.byteOffset, 8);
    expect([bits[3], bits[5]]).toEqual([infinity, infinity - 1]);
  });

  it("spreads slots over threads that share memory", async () => {
    const { backend } = await open(await workerThreadsHost(), { threadCount: 3, slotCount: 7 });
    const rounds = backend.slots.map(async (slot, index) => {
      for (let round = 0; round < 20; round++) {
        fill(await slot.prepare(), 100 * index, round, 1);
        const { borrowedOutput } = await slot.merge([addition(0)]);
        expect(floatsOf(borrowedOutput)).toEqual(Array(8).fill(100 * index + round - 1));
      }
    });
    await Promise.all(rounds);
  });

  it("refuses to merge before it is prepared, twice at once, and beyond its slot", async () => {
    const { slot } = await open(await inProcessHost());
    await expect(slot.merge([])).rejects.toThrow("after prepare()");
    await slot.prepare();
    await expect(slot.merge([addition(size.outputBytes)])).rejects.toThrow(RangeError);
    const merging = slot.merge([addition(0)]);
    await expect(slot.prepare()).rejects.toThrow("while computing");
    await expect(slot.merge([addition(0)])).rejects.toThrow("after prepare()");
    await merging;
  });

  it("says that it is gone when a thread dies, and fails what waits", async () => {
    let events: ThreadEvents | undefined;
    const host = await inProcessHost();
    const deaf: CpuHost = {
      ...host,
      startThread: async (given) => {
        events = given;
        return { readsFiles: false, post: () => {}, stop: () => {} };
      },
    };
    const { backend, slot } = await open(deaf);
    await slot.prepare();
    const merging = slot.merge([addition(0)]);
    events?.onFailure("out of memory");
    const failure = { code: "device-lost", actual: "out of memory" };
    await expect(merging).rejects.toMatchObject({ failure });
    await expect(backend.lost).rejects.toMatchObject({ failure });
    await slot.prepare();
    await expect(slot.merge([addition(0)])).rejects.toMatchObject({ failure });
  });

  it("stops every thread where one does not start", async () => {
    const host = await inProcessHost();
    let running = 0;
    const startThread = async () => {
      if (running === 2) throw new Error("no more threads");
      running++;
      return { readsFiles: false, post: (_: KernelRequest) => {}, stop: () => running-- };
    };
    await expect(open({ ...host, startThread }, { threadCount: 3 })).rejects.toMatchObject({
      failure: { code: "device-failed", actual: "no more threads" },
    });
    expect(running).toBe(0);
  });

  it("says when its memory cannot be had", async () => {
    const refuse = () => {
      throw new RangeError("could not allocate memory");
    };
    await expect(open({ ...(await inProcessHost()), createMemory: refuse })).rejects.toMatchObject({
      failure: { code: "device-failed", actual: "could not allocate memory" },
    });
  });

  it("fails what waits when it is destroyed", async () => {
    const { backend, slot } = await open(await workerThreadsHost());
    await slot.prepare();
    const merging = slot.merge([addition(0)]);
    backend.destroy();
    await expect(merging).rejects.toMatchObject({ failure: { code: "device-lost" } });
  });
});

describe("the least difference", () => {
  it.each([
    [0, 0],
    [1, 0],
    [-1, 0],
    [0.7, 0x01000000],
    [0.5, 0x01000000],
    [-1.5, 0x00800000],
    [2, 0x00400000],
    [2 ** 23, 1],
    [2 ** 32, 0],
    [2 ** -32, 0x10800000],
  ])("for λ = %d has the bits %d", (scale, bits) => {
    expect(leastDifferenceBits(Math.fround(scale))).toBe(bits);
  });
});
