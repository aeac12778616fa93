import { afterEach, describe, expect, it } from "vitest";
import type { Backend, MeasureOperation, MergeOperation, Slot } from "../engine/backend.ts";
import type { SlotSize } from "../engine/check-operations.ts";
import { findDawnGpu } from "../test-support/dawn.ts";
import { requestComputeDevice } from "./device.ts";
import { inErrorScopes } from "./error-scopes.ts";
import { createGpuBackend } from "./gpu-backend.ts";
import { measureShapeOnCpu } from "./measure-kernel.ts";
import { PipelineCache } from "./pipeline-cache.ts";

const gpu = await findDawnGpu();
const size: SlotSize = { inputBytes: 4096, outputBytes: 4096, operationCount: 64 };

/** out = target + (chat − base) over eight f32 at these places of the slot. */
function addition(at: number, elementCount = 8): MergeOperation {
  const operand = (byteOffset: number) => ({ dtype: "F32", byteOffset }) as const;
  const vectors = [{ scale: 1, chat: operand(32), base: operand(64) }];
  return { elementCount, target: operand(0), vectors, output: operand(at) };
}

/** The sums of the same eight f32. */
function measuring(elementCount = 8): MeasureOperation {
  const { target, vectors } = addition(0);
  return { elementCount, target, vectors };
}

function fill(input: Uint8Array, target: number, chat: number, base: number): void {
  const floats = new Float32Array(input.buffer, input.byteOffset, 24);
  floats.fill(target, 0, 8).fill(chat, 8, 16).fill(base, 16, 24);
}

const floatsOf = (bytes: Uint8Array) => [...new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)];

describe.skipIf(gpu === null)("the GPU backend (Dawn)", () => {
  const opened: { backend: Backend; device: GPUDevice }[] = [];

  async function open(slotCount = 1): Promise<{ backend: Backend; slot: Slot; device: GPUDevice }> {
    const { device, info, ...tuning } = await requestComputeDevice(gpu ?? undefined);
    const backend = await createGpuBackend({ ...size, ...tuning, device, adapter: info.name, slotCount });
    opened.push({ backend, device });
    const [slot] = backend.slots;
    if (slot === undefined) throw new Error("no slot");
    return { backend, slot, device };
  }

  afterEach(() => {
    for (const { backend, device } of opened.splice(0)) {
      backend.destroy();
      device.destroy();
    }
  });

  it("goes round: prepare, fill, merge, read, prepare again", async () => {
    const { slot } = await open();
    for (const target of [1, 2, 3]) {
      const input = await slot.prepare();
      expect(input.byteLength).toBe(size.inputBytes);
      fill(input, target, 5, 3);
      const { borrowedOutput, newNonFinite } = await slot.merge([addition(0)]);
      expect(floatsOf(borrowedOutput)).toEqual(Array(8).fill(target + 2));
      expect(newNonFinite).toEqual([0]);
    }
  });

  it("tells of its readbacks while somebody watches, and computes the same", async () => {
    const { backend, slot } = await open();
    const readbacks: { slot: number; done: Promise<unknown> }[] = [];
    const mergeOnce = async (target: number) => {
      fill(await slot.prepare(), target, 5, 3);
      return floatsOf((await slot.merge([addition(0)])).borrowedOutput);
    };
    backend.watchReadbacks?.((index, done) => readbacks.push({ slot: index, done }));
    expect(await mergeOnce(1)).toEqual(Array(8).fill(3));
    expect(await mergeOnce(2)).toEqual(Array(8).fill(4));
    await Promise.all(readbacks.map(({ done }) => done));
    expect(readbacks.map(({ slot: index }) => index)).toEqual([0, 0]);
    backend.watchReadbacks?.(null);
    expect(await mergeOnce(3)).toEqual(Array(8).fill(5));
    expect(readbacks.length).toBe(2);
  });

  it("gives the same memory when prepared twice", async () => {
    const { slot } = await open();
    expect(await slot.prepare()).toBe(await slot.prepare());
  });

  it("writes one operation's elements and no others'", async () => {
    const { slot } = await open();
    fill(await slot.prepare(), 1, 5, 3);
    await slot.merge([addition(0), addition(32)]);
    fill(await slot.prepare(), 7, 0, 0);
    const { borrowedOutput } = await slot.merge([addition(16, 3), addition(32, 0)]);
    expect(floatsOf(borrowedOutput)).toEqual([3, 3, 3, 3, 7, 7, 7, expect.anything()]);
    fill(await slot.prepare(), 0, 0, 0);
    const later = await slot.merge([addition(64, 1)]);
    expect(floatsOf(later.borrowedOutput).slice(8, 16)).toEqual(Array(8).fill(3));
  });

  it("runs as many operations at once as a slot takes, and refuses more", async () => {
    const { slot } = await open();
    fill(await slot.prepare(), 1, Number.POSITIVE_INFINITY, 3);
    const operations = Array.from({ length: size.operationCount }, (_, index) => addition(index * 32, 1 + (index % 8)));
    const { borrowedOutput, newNonFinite } = await slot.merge(operations);
    expect(newNonFinite).toEqual(operations.map(({ elementCount }) => elementCount));
    operations.forEach(({ output, elementCount }) => {
      const bytes = borrowedOutput.subarray(output.byteOffset, output.byteOffset + elementCount * 4);
      expect(floatsOf(bytes)).toEqual(Array(elementCount).fill(Number.POSITIVE_INFINITY));
    });
    await slot.prepare();
    await expect(slot.merge([...operations, addition(0)])).rejects.toThrow(RangeError);
  });

  it("takes no operations and no elements", async () => {
    const { slot } = await open();
    await slot.prepare();
    expect(await slot.merge([])).toMatchObject({ newNonFinite: [] });
    await slot.prepare();
    const { borrowedOutput, newNonFinite } = await slot.merge([addition(0, 0)]);
    expect(borrowedOutput.byteLength).toBe(0);
    expect(newNonFinite).toEqual([0]);
  });

  it("refuses to merge what was not prepared, and operands outside the slot", async () => {
    const { slot } = await open();
    await expect(slot.merge([addition(0)])).rejects.toThrow("before prepare");
    await slot.prepare();
    await expect(slot.merge([addition(4096)])).rejects.toThrow(RangeError);
    await expect(slot.merge([addition(8)])).rejects.toThrow(RangeError);
    const [vector] = addition(0).vectors;
    if (vector === undefined) throw new Error("no vector");
    for (const scale of [Number.NaN, 0.7, 2 ** 33, 2 ** -33]) {
      await expect(slot.merge([{ ...addition(0), vectors: [{ ...vector, scale }] }])).rejects.toThrow(RangeError);
    }
    const fifteen = Array.from({ length: 15 }, () => vector);
    await expect(slot.merge([{ ...addition(0), vectors: fifteen }])).rejects.toThrow(RangeError);
    fill(await slot.prepare(), 1, 1, 1);
    expect(floatsOf((await slot.merge([addition(0)])).borrowedOutput)).toEqual(Array(8).fill(1));
  });

  it("measures and merges in turn", async () => {
    const { slot } = await open();
    for (const target of [1, 2, 3]) {
      fill(await slot.prepare(), target, 5, 3);
      const [sums] = await slot.measure([measuring()]);
      expect(sums).toMatchObject({ elementCount: 8, target: 8 * target ** 2, vectors: [{ vector: 32, maximum: 2 }] });
      fill(await slot.prepare(), target, 5, 3);
      const { borrowedOutput } = await slot.merge([addition(0)]);
      expect(floatsOf(borrowedOutput)).toEqual(Array(8).fill(target + 2));
    }
  });

  it("gives sums that outlive the slot's next round", async () => {
    const { slot } = await open();
    fill(await slot.prepare(), 1, 5, 3);
    const sums = await slot.measure([measuring()]);
    const before = structuredClone(sums);
    fill(await slot.prepare(), 9, 9, 7);
    await slot.measure([measuring()]);
    expect(sums).toEqual(before);
  });

  it("measures as many operations at once as a slot takes, of as many vectors, and no operations", async () => {
    const { slot } = await open();
    fill(await slot.prepare(), 1, 5, 3);
    const [vector] = measuring().vectors;
    if (vector === undefined) throw new Error("no vector");
    const vectors = Array.from({ length: 14 }, () => vector);
    const operations = Array.from({ length: size.operationCount }, (_, index) => ({
      ...measuring(index % 9),
      vectors,
    }));
    const measured = await slot.measure(operations);
    expect(measured.map(({ elementCount }) => elementCount)).toEqual(operations.map((each) => each.elementCount));
    for (const [index, { vectors: found, pairs }] of measured.entries()) {
      expect(found.map((sums) => sums.vector)).toEqual(Array(14).fill(4 * (index % 9)));
      expect(pairs.map((sums) => sums.shiftOfSecond)).toEqual(Array(91).fill(0 - 4 * (index % 9)));
    }
    await slot.prepare();
    await expect(slot.measure([...operations, measuring()])).rejects.toThrow(RangeError);
    expect(await slot.measure([])).toEqual([]);
  });

  it("refuses to measure what was not prepared, nothing, and operands outside the slot", async () => {
    const { slot } = await open();
    await expect(slot.measure([measuring()])).rejects.toThrow("before prepare");
    await slot.prepare();
    await expect(slot.measure([{ ...measuring(), vectors: [] }])).rejects.toThrow(RangeError);
    await expect(slot.measure([measuring(2000)])).rejects.toThrow(RangeError);
    const outside = { dtype: "F32", byteOffset: 4096 } as const;
    await expect(slot.measure([{ ...measuring(), target: outside }])).rejects.toThrow(RangeError);
    const vectors = [{ chat: outside, base: outside }];
    await expect(slot.measure([{ ...measuring(), vectors }])).rejects.toThrow(RangeError);
    fill(await slot.prepare(), 1, 1, 1);
    expect(await slot.measure([measuring()])).toMatchObject([{ target: 8, vectors: [{ zeroCount: 8 }] }]);
  });

  it("rejects a measuring that waits when the device goes away", async () => {
    const { slot, device } = await open();
    await slot.prepare();
    const measured = slot.measure([measuring()]);
    device.destroy();
    await expect(measured).rejects.toMatchObject({ failure: { code: "device-lost" } });
  });

  it("rejects everything that waits when the device goes away", async () => {
    const { backend, slot, device } = await open(2);
    await slot.prepare();
    const merging = slot.merge([addition(0)]);
    device.destroy();
    await expect(merging).rejects.toMatchObject({ failure: { code: "device-lost" } });
    await expect(backend.lost).rejects.toMatchObject({ failure: { code: "device-lost" } });
    await expect(slot.prepare()).rejects.toMatchObject({ failure: { code: "device-lost" } });
  });

  it("rejects what waits when it is destroyed, and leaves the device alone", async () => {
    const { backend, slot, device } = await open();
    await slot.prepare();
    const merging = slot.merge([addition(0)]);
    backend.destroy();
    await expect(merging).rejects.toMatchObject({ failure: { code: "device-lost" } });
    const buffer = device.createBuffer({ size: 4, usage: GPUBufferUsage.MAP_READ });
    await buffer.mapAsync(GPUMapMode.READ);
    expect(buffer.mapState).toBe("mapped");
  });

  it("says when a slot is larger than the device's buffers", async () => {
    const { device } = await open();
    const inputBytes = 2 ** 40;
    const tuning = { maximumWorkgroups: 64, measureShape: measureShapeOnCpu };
    const options = { ...size, ...tuning, inputBytes, device, adapter: "", slotCount: 1 };
    await expect(createGpuBackend(options)).rejects.toMatchObject({ failure: { code: "device-failed" } });
  });

  it("says what the device refused", async () => {
    const { device } = await open();
    const { failure } = inErrorScopes(device, "testing", () => device.createBuffer({ size: 4, usage: 0 }));
    expect(await failure).toMatchObject({ failure: { code: "device-failed", where: "testing" } });
    const { failure: none } = inErrorScopes(device, "testing", () => null);
    expect(await none).toBeNull();
  });

  it("reports a shader that does not compile with file, line, column and source", async () => {
    const { device } = await open();
    const cache = new PipelineCache(device, device.createPipelineLayout({ bindGroupLayouts: [] }));
    const files = [
      { name: "first.wgsl", text: "const one = 1u;\n" },
      { name: "second.wgsl", text: "fn two() -> u32 {\n  return missing;\n}\n" },
    ];
    const failure = {
      code: "device-failed",
      where: "second.wgsl",
      actual: expect.stringMatching(/second\.wgsl:2:10: .*"return missing;"/s),
    };
    await expect(cache.get({ files, entryPoint: "two", constants: {} })).rejects.toMatchObject({ failure });
  });
});
