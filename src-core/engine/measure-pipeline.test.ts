import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import type { ByteSource } from "../checkpoint/byte-source.ts";
import { bytesPerElement, type MergeableDtype } from "../checkpoint/dtype.ts";
import { createCpuBackend } from "../cpu/cpu-backend.ts";
import { StudioError } from "../errors.ts";
import type { MeasuredTensor, MeasurePlan } from "../plan/measure-plan.ts";
import type { TensorLocation } from "../plan/merge-plan.ts";
import { planMeasure } from "../plan/plan-measure.ts";
import { elementsOf } from "../reference/elements.ts";
import { measureElements } from "../reference/measure.ts";
import { StatisticsBuilder, type TensorStatistics } from "../statistics/tensor-statistics.ts";
import { compiledKernels } from "../test-support/cpu-hosts.ts";
import { createInProcessHost } from "../test-support/in-process-host.ts";
import { jitter, MemorySource, randomWeights } from "../test-support/memory-files.ts";
import type { PlannedModels } from "../test-support/random-plans.ts";
import { plannedModels } from "../test-support/random-plans.ts";
import { createReferenceBackend } from "../test-support/reference-backend.ts";
import type { Backend } from "./backend.ts";
import { measureOrder, spread } from "./measure-order.ts";
import { type MeasureOptions, runMeasure } from "./measure-pipeline.ts";
import { plannedMeasureBytes } from "./planned-bytes.ts";

const limits = { inputBytes: 4096, operationCount: 4 };
const backend = createReferenceBackend({ slotCount: 3, outputBytes: 2048, ...limits });

function planOf({ plan, checkpoints }: PlannedModels) {
  const { recipe } = plan;
  const vectors = recipe.vectors.map(({ chat, base }) => {
    const find = (path: string) => {
      const found = checkpoints.find((checkpoint) => checkpoint.path === path);
      if (found === undefined) throw new Error(path);
      return found;
    };
    return { chat: find(chat), base: find(base) };
  });
  return planMeasure({ recipe, target: checkpoints[0] ?? null, vectors }).plan;
}

function sourcesOf({ plan, checkpoints }: PlannedModels, seed: number) {
  const delay = jitter(seed);
  return plan.sources.map(({ checkpoint }, index) => {
    const files = checkpoints.find(({ path }) => path === checkpoint)?.files ?? [];
    return files.map((file) => new MemorySource(file.name, randomWeights(file.byteLength, seed + index), delay));
  });
}

function measure(models: PlannedModels, sources: MemorySource[][], options: Partial<MeasureOptions> = {}) {
  const plan = planOf(models);
  const found: TensorStatistics[] = [];
  const { signal } = new AbortController();
  const running = runMeasure(plan, sources, backend, {
    limits,
    signal,
    done: new Set(),
    onTensor: (statistics) => found.push(statistics),
    onProgress: () => {},
    ...options,
  });
  return { plan, found, running };
}

/** Whole spans through the twin at once: what chunks must add up to. */
function expectedOf(tensor: MeasuredTensor, sources: MemorySource[][], vectorCount: number): TensorStatistics {
  const builder = new StatisticsBuilder(tensor, vectorCount, true);
  for (const span of tensor.spans) {
    const elements = (location: TensorLocation, offset: number) => {
      const dtype = location.dtype as MergeableDtype;
      const bytes = sources[location.source]?.[location.file]?.bytes ?? new Uint8Array();
      return elementsOf(dtype, bytes, location.byteOffset + offset * bytesPerElement(dtype), span.elementCount);
    };
    const target = tensor.target === null ? null : elements(tensor.target, span.elementOffset);
    const vectors = span.vectors.map((vector) => ({
      chat: elements(vector.chat, vector.runs[0]?.chat ?? 0),
      base: elements(vector.base, vector.runs[0]?.base ?? 0),
    }));
    builder.add(
      measureElements(span.elementCount, target, vectors),
      span.elementOffset,
      span.vectors.map(({ vector }) => vector),
    );
  }
  return builder.finish();
}

const close = (actual: number, expected: number) => Math.abs(actual - expected) <= 1e-9 * Math.abs(expected) + 1e-12;

describe("the measuring pass", () => {
  test("finds of every tensor what the twin finds of it whole, and reads each byte once", async () => {
    await fc.assert(
      fc.asyncProperty(plannedModels, fc.integer({ min: 0, max: 1e6 }), async (models, seed) => {
        const sources = sourcesOf(models, seed);
        const { plan, found, running } = measure(models, sources);
        const { bytesRead } = await running;
        expect(bytesRead).toBe(plannedMeasureBytes(plan, new Set()));
        expect(found.map(({ name }) => name).sort()).toEqual(plan.tensors.map(({ name }) => name).sort());
        for (const tensor of plan.tensors) {
          const expected = expectedOf(tensor, sources, plan.vectorNames.length);
          const actual = found.find(({ name }) => name === tensor.name);
          expect(actual?.nonFiniteCount).toBe(expected.nonFiniteCount);
          expect(close(actual?.target ?? Number.NaN, expected.target ?? Number.NaN)).toBe(true);
          expected.vectors.forEach((vector, index) => {
            const own = actual?.vectors[index];
            expect(own?.elementCount).toBe(vector.elementCount);
            expect(own?.zeroCount).toBe(vector.zeroCount);
            expect(own?.histogram).toEqual(vector.histogram);
            expect(own?.maximum).toBe(vector.maximum);
            expect(close(own?.vector ?? Number.NaN, vector.vector)).toBe(true);
            expect(close(own?.shift ?? Number.NaN, vector.shift)).toBe(true);
          });
        }
      }),
      { numRuns: 30 },
    );
  });

  test("goes on where an interrupted pass stopped, without reading what is known", async () => {
    const models = fc
      .sample(plannedModels, { numRuns: 200, seed: 4 })
      .find(({ plan }) => plan.output.byteLength > 15_000);
    if (models === undefined) throw new Error("no plan of that size among the samples");
    const sources = sourcesOf(models, 1);
    const abort = new AbortController();
    const reason = new StudioError({ code: "interrupted", what: "Cancelled" });
    const known: TensorStatistics[] = [];
    const onTensor = (statistics: TensorStatistics) => {
      known.push(statistics);
      if (known.length === 3) abort.abort(reason);
    };
    const { plan, running } = measure(models, sources, { signal: abort.signal, onTensor });
    await expect(running).rejects.toBe(reason);
    const done = new Set(known.map(({ name }) => name));
    const second = measure(models, sources, { done });
    const { bytesRead } = await second.running;
    expect(bytesRead).toBe(plannedMeasureBytes(plan, done));
    expect([...done, ...second.found.map(({ name }) => name)].sort()).toEqual(
      plan.tensors.map(({ name }) => name).sort(),
    );
  });
});

describe("the measuring pass of threads that read files themselves", () => {
  const size = { inputBytes: 4096, outputBytes: 2048, operationCount: 4 };
  const openedBackends: Backend[] = [];
  let bytesReadByThreads = 0;
  afterAll(() => openedBackends.forEach((each) => void each.destroy()));

  async function cpuBackend(files: readonly MemorySource[] | null): Promise<Backend> {
    const read = (descriptor: number, destination: Uint8Array, byteOffset: number) => {
      const some = files?.[descriptor]?.bytes.subarray(byteOffset, byteOffset + destination.byteLength);
      if (some === undefined) throw new Error("EBADF");
      destination.set(some);
      bytesReadByThreads += some.byteLength;
      return some.byteLength;
    };
    const host = createInProcessHost(await compiledKernels(), files && { read, now: () => 0 });
    const opened = await createCpuBackend({ ...size, host, threadCount: 1, slotCount: 3 });
    openedBackends.push(opened);
    return opened;
  }

  /** Files with descriptors, their indices among all. */
  function described(sources: MemorySource[][]): ByteSource[][] {
    const all = sources.flat();
    return sources.map((files) =>
      files.map((file) => ({
        name: file.name,
        byteLength: file.byteLength,
        descriptor: all.indexOf(file),
        readInto: (destination, byteOffset) => file.readInto(destination, byteOffset),
      })),
    );
  }

  async function statisticsOf(plan: MeasurePlan, sources: ByteSource[][], on: Backend) {
    const found = new Map<string, TensorStatistics>();
    const { bytesRead } = await runMeasure(plan, sources, on, {
      limits,
      signal: new AbortController().signal,
      done: new Set(),
      onTensor: (statistics) => void found.set(statistics.name, statistics),
      onProgress: () => {},
    });
    return { bytesRead, found };
  }

  test("finds what slots of memory find, to the last bit", async () => {
    const slots = await cpuBackend(null);
    await fc.assert(
      fc.asyncProperty(plannedModels, fc.integer({ min: 0, max: 1e6 }), async (models, seed) => {
        const sources = sourcesOf(models, seed);
        const plan = planOf(models);
        const files = await cpuBackend(sources.flat());
        expect(await statisticsOf(plan, described(sources), files)).toEqual(await statisticsOf(plan, sources, slots));
      }),
      { numRuns: 20 },
    );
    expect(bytesReadByThreads).toBeGreaterThan(100_000);
  });

  test("fails as the file does where one became shorter", async () => {
    const [models] = fc.sample(plannedModels, { numRuns: 1, seed: 4 });
    if (models === undefined) throw new Error("no models");
    const sources = sourcesOf(models, 1);
    const short = sources.map((files) =>
      files.map((file) => new MemorySource(file.name, file.bytes.subarray(0, file.byteLength >> 1))),
    );
    const running = statisticsOf(planOf(models), described(short), await cpuBackend(short.flat()));
    await expect(running).rejects.toMatchObject({ failure: { code: "read-failed", what: "read past the end" } });
  });
});

describe("the order of measuring", () => {
  test("takes the first and last layers, then ever finer between; the largest tensors outside the layers last", () => {
    const row = (name: string, layer: number | null, elementCount: number) =>
      ({ name, layer, elementCount }) as MeasuredTensor;
    const tensors = [
      row("embed", null, 1e6),
      ...[0, 1, 2, 3, 4].map((layer) => row(`layer ${layer}`, layer, 10)),
      row("norm", null, 10),
    ];
    expect(measureOrder(tensors).map((index) => tensors[index]?.name)).toEqual([
      "layer 0",
      "layer 4",
      "layer 2",
      "layer 1",
      "layer 3",
      "norm",
      "embed",
    ]);
  });

  test("visits every layer once, whatever their number", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), (count) => {
        expect([...spread(count)].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, index) => index));
      }),
    );
  });
});
