import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import type { ByteSource } from "../checkpoint/byte-source.ts";
import type { Backend } from "../engine/backend.ts";
import { type MergeFiles, runMerge } from "../engine/merge-pipeline.ts";
import { StudioError } from "../errors.ts";
import { compiledKernels, inProcessHost } from "../test-support/cpu-hosts.ts";
import { createInProcessHost } from "../test-support/in-process-host.ts";
import { MemorySink, MemorySource, randomWeights } from "../test-support/memory-files.ts";
import { type PlannedModels, plannedModels } from "../test-support/random-plans.ts";
import { tokenPlans } from "../test-support/random-token-plans.ts";
import { createCpuBackend } from "./cpu-backend.ts";
import type { ThreadFiles } from "./piece-reader.ts";

const size = { inputBytes: 2048, outputBytes: 1024, operationCount: 4 };
const large = { inputBytes: 3 << 20, outputBytes: 2 << 20, operationCount: 16 };
const opened: Backend[] = [];

async function open(files: ThreadFiles | null, slotSize = size): Promise<Backend> {
  const host = files === null ? await inProcessHost() : createInProcessHost(await compiledKernels(), files);
  const backend = await createCpuBackend({ ...slotSize, host, threadCount: 1, slotCount: 3 });
  opened.push(backend);
  return backend;
}

afterEach(() => {
  for (const backend of opened.splice(0)) backend.destroy();
});

/** Files that a descriptor stands for, of which a read brings only so much at a time. */
class Descriptors implements ThreadFiles {
  reads = 0;
  now = () => 0;
  readonly #files: readonly Uint8Array[];
  readonly #mostAtOnce: number;

  constructor(files: readonly Uint8Array[], mostAtOnce: number) {
    this.#files = files;
    this.#mostAtOnce = mostAtOnce;
  }

  read(descriptor: number, destination: Uint8Array, byteOffset: number): number {
    this.reads++;
    const end = byteOffset + Math.min(destination.byteLength, this.#mostAtOnce);
    const some = this.#files[descriptor]?.subarray(byteOffset, end) ?? new Uint8Array(0);
    destination.set(some);
    return some.byteLength;
  }
}

/** The models' files in memory, each with its descriptor. */
function sourcesOf({ checkpoints }: PlannedModels): { sources: ByteSource[][]; files: Uint8Array[] } {
  const files: Uint8Array[] = [];
  const sources = checkpoints.map(({ files: ofModel }, model) =>
    ofModel.map(({ name, byteLength }) => {
      const bytes = randomWeights(byteLength, model);
      const source = new MemorySource(name, bytes);
      files.push(bytes);
      return Object.assign(source, { descriptor: files.length - 1 });
    }),
  );
  return { sources, files };
}

async function merged(models: PlannedModels, sources: ByteSource[][], backend: Backend) {
  const sinks = models.plan.output.files.map(({ byteLength }) => new MemorySink(byteLength));
  const files: MergeFiles = { sources, sinks };
  const outcome = await runMerge(models.plan, files, backend, {
    limits: { ...backend.slotSize, copyBytes: 512 },
    signal: new AbortController().signal,
    onProgress: () => {},
  });
  return { outcome, bytes: sinks.map(({ bytes }) => Buffer.from(bytes).toString("base64")) };
}

describe("merging files by a thread that reads them itself", () => {
  it.each([
    ["small slots", size, 300],
    ["pieces of a large one", large, Number.POSITIVE_INFINITY],
  ] as const)(
    "gives the bytes and counts that merging from a slot's memory gives: %s",
    async (_, slotSize, mostAtOnce) => {
      const [plain] = [await open(null, slotSize)];
      let readsInAll = 0;
      await fc.assert(
        fc.asyncProperty(fc.oneof(plannedModels, tokenPlans), async (models) => {
          const { sources, files } = sourcesOf(models);
          const descriptors = new Descriptors(files, mostAtOnce);
          const byThread = await open(descriptors, slotSize);
          const expected = await merged(models, sources, plain);
          const found = await merged(models, sources, byThread);
          expect(found.bytes).toEqual(expected.bytes);
          expect(found.outcome).toEqual(expected.outcome);
          readsInAll += descriptors.reads;
        }),
        { numRuns: 60, seed: 11 },
      );
      expect(readsInAll).toBeGreaterThan(100);
    },
  );

  it("goes on over many pieces of one tensor, and counts over all of them", async () => {
    const operands = (byteOffset: number) => ({ dtype: "BF16", byteOffset }) as const;
    const elementCount = 300_011;
    const stride = 2 * 300_016;
    const operation = {
      elementCount,
      target: operands(0),
      vectors: [{ scale: Math.fround(0.7), chat: operands(stride), base: operands(2 * stride) }],
      output: operands(0),
    };
    const file = randomWeights(3 * stride, 5);
    // Values that become infinite, in the first piece and in the last.
    const halves = new Uint16Array(file.buffer, file.byteOffset, file.byteLength / 2);
    for (const element of [3, 90_000, elementCount - 1]) {
      halves[element] = 0x7f7f;
      halves[stride / 2 + element] = 0x7f7f;
      halves[stride + element] = 0;
    }
    const [plainSlot] = (await open(null, large)).slots;
    const [fileSlot] = (await open(new Descriptors([file], 100_000), large)).slots;
    if (plainSlot === undefined || fileSlot?.mergeFiles === undefined) throw new Error("no slots");
    (await plainSlot.prepare()).set(file);
    const expected = await plainSlot.merge([operation]);
    const reads = [0, 1, 2].map((index) => ({
      descriptor: 0,
      byteOffset: index * stride,
      byteLength: 2 * elementCount,
      inputByteOffset: index * stride,
    }));
    const found = await fileSlot.mergeFiles(reads, [operation]);
    expect(Buffer.compare(found.borrowedOutput, expected.borrowedOutput)).toBe(0);
    expect(found.newNonFinite).toEqual(expected.newNonFinite);
    expect(found.newNonFinite[0]).toBeGreaterThanOrEqual(3);
  });

  it("fails with what the file itself says when it cannot be read", async () => {
    const models = fc.sample(plannedModels, { numRuns: 50, seed: 4 }).find(({ plan }) => plan.output.byteLength > 9000);
    if (models === undefined) throw new Error("no models");
    const { sources, files } = sourcesOf(models);
    const cut = files.map((bytes) => bytes.subarray(0, 600));
    const backend = await open(new Descriptors(cut, 4096));
    const refused = merged(models, sources, backend);
    await expect(refused).rejects.toMatchObject({ failure: { code: "read-failed", actual: /ends at 600/ } });
    await expect(refused).rejects.toBeInstanceOf(StudioError);
  });
});
