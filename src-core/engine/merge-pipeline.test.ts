import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesPerElement, isMergeable, type MergeableDtype } from "../checkpoint/dtype.ts";
import { StudioError } from "../errors.ts";
import type { ElementRun } from "../plan/element-runs.ts";
import { type MergePlan, originOf, type TensorLocation } from "../plan/merge-plan.ts";
import { decodeElement } from "../reference/decode.ts";
import { elementsOf, readBits } from "../reference/elements.ts";
import { encodeElement } from "../reference/encode.ts";
import { mergeElement } from "../reference/merge.ts";
import { jitter, MemorySink, MemorySource, randomWeights } from "../test-support/memory-files.ts";
import { type PlannedModels, plannedModels } from "../test-support/random-plans.ts";
import { tokenPlans } from "../test-support/random-token-plans.ts";
import { createReferenceBackend } from "../test-support/reference-backend.ts";
import { decodeJournal, encodeWritten, type WrittenRange } from "./journal.ts";
import { type MergeFiles, type MergeOptions, runMerge } from "./merge-pipeline.ts";
import { plannedReadBytes } from "./planned-bytes.ts";
import { verifyMerge } from "./verify-merge.ts";

const limits = { inputBytes: 4096, outputBytes: 2048, operationCount: 4, copyBytes: 512 };
const backend = createReferenceBackend({ slotCount: 3, ...limits });

/** Large enough for many batches, in several files. */
const models = fc
  .sample(plannedModels, { numRuns: 200, seed: 4 })
  .find(
    ({ plan: { output, tensors } }) =>
      output.byteLength > 15_000 && output.files.length > 1 && tensors.some(({ target }) => !isMergeable(target.dtype)),
  ) as PlannedModels;

function filesOf({ plan, checkpoints }: PlannedModels, seed: number) {
  const delay = jitter(seed);
  const sources = checkpoints.map((checkpoint, index) =>
    checkpoint.files.map((file) => new MemorySource(file.name, randomWeights(file.byteLength, seed + index), delay)),
  );
  return { sources, sinks: plan.output.files.map(({ byteLength }) => new MemorySink(byteLength, delay)) };
}

function merge(plan: MergePlan, files: MergeFiles, options: Partial<MergeOptions> = {}) {
  const { signal } = new AbortController();
  return runMerge(plan, files, backend, { limits, signal, onProgress: () => {}, ...options });
}

/** The plan, executed by the plainest loop over elements: what the pipeline must have written. */
function expectedBytes(plan: MergePlan, sources: readonly (readonly MemorySource[])[]): Uint8Array[] {
  const outputs = plan.output.files.map(({ byteLength }) => new Uint8Array(byteLength));
  const sourceBytes = ({ source, file }: TensorLocation) => sources[source]?.[file]?.bytes as Uint8Array;
  const value = (location: TensorLocation, index: number) => {
    const dtype = location.dtype as MergeableDtype;
    const byteOffset = location.byteOffset + index * bytesPerElement(dtype);
    return decodeElement(dtype, readBits(elementsOf(dtype, sourceBytes(location), byteOffset, 1), 0));
  };
  for (const { target, spans, output, byteLength } of plan.tensors) {
    const bytes = outputs[output.file] as Uint8Array;
    if (!isMergeable(target.dtype)) {
      bytes.set(sourceBytes(target).subarray(target.byteOffset, target.byteOffset + byteLength), output.byteOffset);
      continue;
    }
    const view = new DataView(bytes.buffer, output.byteOffset, output.byteLength);
    const dtype = output.dtype as MergeableDtype;
    for (const span of spans) {
      const { elementOffset, elementCount, vectors } = span;
      const places = vectors.map(({ runs }) => placesOf(runs));
      const origin = originOf(target, span);
      for (let i = 0; i < elementCount; i++) {
        const terms = vectors.map((vector, index) => ({
          scale: vector.scale,
          chat: value(vector.chat, places[index]?.[i]?.chat ?? -1),
          base: value(vector.base, places[index]?.[i]?.base ?? -1),
        }));
        const bits = encodeElement(dtype, mergeElement(value(origin.location, origin.elementOffset + i), terms));
        if (dtype === "F32") view.setUint32((elementOffset + i) * 4, bits, true);
        else view.setUint16((elementOffset + i) * 2, bits, true);
      }
    }
  }
  return outputs;
}

function placesOf(runs: readonly ElementRun[]) {
  return runs.flatMap(({ chat, base, elementCount }) =>
    Array.from({ length: elementCount }, (_, i) => ({ chat: chat + i, base: base + i })),
  );
}

describe("the merge pipeline", () => {
  test("is verified over kept, matched and taken rows alike", async () => {
    const random = fc.sample(tokenPlans, { numRuns: 30, seed: 9 });
    expect(random.some(({ plan }) => plan.tensors.some(({ spans }) => spans.some(({ from }) => from)))).toBe(true);
    for (const models of random) {
      const files = filesOf(models, 1);
      await merge(models.plan, files);
      const outputs = files.sinks.map(({ bytes }, index) => new MemorySource(String(index), bytes));
      const verified = await verifyMerge(
        models.plan,
        { ...files, outputs },
        { sampleCount: 1e6, seed: 1, pause: async () => {} },
      );
      expect(verified.mismatches).toEqual([]);
      const last = models.plan.tensors.find(({ shape }) => (shape[0] ?? 0) > 1);
      if (last === undefined) throw new Error("no rows");
      const output = outputs[0]?.bytes as Uint8Array;
      output[last.output.byteOffset + 1] = (output[last.output.byteOffset + 1] ?? 0) ^ 0x70;
      const flipped = await verifyMerge(
        models.plan,
        { ...files, outputs },
        { sampleCount: 1e6, seed: 1, pause: async () => {} },
      );
      expect(flipped.mismatches).toHaveLength(1);
    }
  });

  test("writes what the plan says, byte for byte, however reads and writes are delayed", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(plannedModels, tokenPlans), fc.integer({ min: 0, max: 1e6 }), async (random, seed) => {
        const files = filesOf(random, seed);
        const outcome = await merge(random.plan, files);
        expectedBytes(random.plan, files.sources).forEach((expected, file) => {
          const sink = files.sinks[file] as MemorySink;
          const headerEnd = 8 + (random.plan.output.files[file]?.headerJson.length ?? 0);
          expect(sink.bytes.subarray(headerEnd)).toEqual(expected.subarray(headerEnd));
          expect(sink.written.subarray(headerEnd).every((count) => count === 1)).toBe(true);
          expect(sink.written.subarray(0, headerEnd).every((count) => count === 0)).toBe(true);
        });
        expect(outcome.bytesRead).toBe(plannedReadBytes(random.plan));
      }),
      { numRuns: 80 },
    );
  });

  test("reads, computes and writes at the same time", async () => {
    const files = filesOf(models, 1);
    let running = 0;
    let most = 0;
    for (const source of files.sources.flat()) {
      const readInto = source.readInto.bind(source);
      source.readInto = async (destination, byteOffset) => {
        most = Math.max(most, ++running);
        await readInto(destination, byteOffset);
        running--;
      };
    }
    await merge(models.plan, files);
    expect(most).toBeGreaterThan(3);
  });

  test("stops at the first failed write, with its reason, and leaves nothing in flight", async () => {
    const files = filesOf(models, 1);
    for (const sink of files.sinks) sink.failAfterWrites = 1;
    await expect(merge(models.plan, files)).rejects.toMatchObject({
      failure: { code: "output-space" },
    });
    const writes = files.sinks.map((sink) => sink.writes);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(files.sinks.map((sink) => sink.writes)).toEqual(writes);
  });

  test("goes on where an interrupted run stopped, and writes nothing twice", async () => {
    for (const failAfterWrites of [1, 3, 10]) {
      const files = filesOf(models, 1);
      for (const sink of files.sinks) sink.failAfterWrites = failAfterWrites;
      const recorded: Uint8Array[] = [];
      const onWritten = async (ranges: readonly WrittenRange[]) => void recorded.push(encodeWritten(ranges));
      await expect(merge(models.plan, files, { onWritten })).rejects.toMatchObject({
        failure: { code: "output-space" },
      });
      const { written } = decodeJournal(Uint8Array.from(recorded.flatMap((bytes) => [...bytes])));
      for (const sink of files.sinks) {
        sink.failAfterWrites = Number.POSITIVE_INFINITY;
        // What was in flight is not in the journal, and written again.
        sink.written.fill(0);
      }
      for (const [file, set] of written)
        for (const { start, end } of set.ranges) files.sinks[file]?.written.fill(1, start, end);
      await merge(models.plan, files, { done: written });
      expectedBytes(models.plan, files.sources).forEach((expected, file) => {
        const headerEnd = 8 + (models.plan.output.files[file]?.headerJson.length ?? 0);
        expect(files.sinks[file]?.bytes.subarray(headerEnd)).toEqual(expected.subarray(headerEnd));
      });
    }
  });

  test("stops when it is told to", async () => {
    const files = filesOf(models, 1);
    const abort = new AbortController();
    const cancelled = new StudioError({ code: "interrupted", what: "Cancelled" });
    const options = { signal: abort.signal, onProgress: () => abort.abort(cancelled) };
    await expect(merge(models.plan, files, options)).rejects.toBe(cancelled);
  });
});

describe("verification", () => {
  async function merged() {
    const files = filesOf(models, 7);
    await merge(models.plan, files);
    const outputs = files.sinks.map(({ bytes }, index) => new MemorySource(`output ${index}`, bytes));
    return { sources: files.sources, outputs };
  }

  test("finds nothing wrong with what was merged", async () => {
    const { samples, mismatches } = await verifyMerge(models.plan, await merged(), {
      sampleCount: 100_000,
      seed: 1,
      pause: async () => {},
    });
    expect(samples).toBe(models.plan.tensors.reduce((sum, { elementCount }) => sum + elementCount, 0));
    expect(mismatches).toEqual([]);
  });

  test("finds a flipped bit in any tensor that it looks at whole", async () => {
    // Merged ones and such as are copied without being understood.
    expect(new Set(models.plan.tensors.map(({ target }) => isMergeable(target.dtype))).size).toBe(2);
    for (const { name, output } of models.plan.tensors) {
      if (output.byteLength === 0) continue;
      const files = await merged();
      const bytes = files.outputs[output.file]?.bytes as Uint8Array;
      const at = output.byteOffset + output.byteLength - 1;
      bytes[at] = (bytes[at] ?? 0) ^ 0x40;
      const { mismatches } = await verifyMerge(models.plan, files, {
        sampleCount: 100_000,
        seed: 1,
        pause: async () => {},
      });
      expect(mismatches.map(({ tensor }) => tensor)).toEqual([name]);
    }
  });

  test("looks at every tensor, however small a share of all it is", async () => {
    const files = await merged();
    const looked = new Set<number>();
    for (const [file, output] of files.outputs.entries()) {
      const copyInto = output.copyInto.bind(output);
      output.copyInto = (destination, byteOffset) => {
        looked.add(models.plan.tensors.findIndex(({ output: place }) => isIn(place, file, byteOffset)));
        copyInto(destination, byteOffset);
      };
    }
    const options = { sampleCount: 0, seed: 1, pause: async () => {} };
    const { samples } = await verifyMerge(models.plan, files, options);
    const counts = models.plan.tensors.map(({ elementCount }) => Math.min(4, elementCount));
    expect(samples).toBe(counts.reduce((sum, count) => sum + count, 0));
    expect(looked.size).toBe(counts.filter((count) => count > 0).length);
  });
});

function isIn(place: { file: number; byteOffset: number; byteLength: number }, file: number, byteOffset: number) {
  return place.file === file && byteOffset >= place.byteOffset && byteOffset < place.byteOffset + place.byteLength;
}
