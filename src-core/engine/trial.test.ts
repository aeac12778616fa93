import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemorySource, randomWeights } from "../test-support/memory-files.ts";
import { type PlannedModels, plannedModels } from "../test-support/random-plans.ts";
import { createReferenceBackend } from "../test-support/reference-backend.ts";
import type { Backend } from "./backend.ts";
import { mergeTrial, trialRate } from "./trial.ts";

const slotSize = { inputBytes: 4096, outputBytes: 2048, operationCount: 4 };
const { plan, checkpoints } = fc
  .sample(plannedModels, { numRuns: 200, seed: 4 })
  .find((models) => models.plan.output.byteLength > 15_000) as PlannedModels;

function openSources() {
  const reads: number[] = [];
  const sources = checkpoints.map((checkpoint, index) =>
    checkpoint.files.map((file) => {
      const source = new MemorySource(file.name, randomWeights(file.byteLength, index));
      return {
        name: source.name,
        byteLength: source.byteLength,
        readInto: (destination: Uint8Array, byteOffset: number) => {
          reads.push(destination.byteLength);
          return source.readInto(destination, byteOffset);
        },
      };
    }),
  );
  return { reads, sources };
}

/** Each round of its slots takes so many milliseconds of a clock. */
function backendTaking(milliseconds: number, clock: { now: number }): Backend {
  const backend = createReferenceBackend({ slotCount: 2, ...slotSize });
  const slots = backend.slots.map((slot) => ({
    prepare: () => slot.prepare(),
    measure: slot.measure.bind(slot),
    merge: (operations: Parameters<typeof slot.merge>[0]) => {
      clock.now += milliseconds;
      return slot.merge(operations);
    },
  }));
  return { ...backend, slots };
}

describe("a trial", () => {
  it("finds a backend that takes half the time twice as fast", async () => {
    const rateOf = async (milliseconds: number) => {
      const clock = { now: 0 };
      const options = { milliseconds: 400, now: () => clock.now, signal: new AbortController().signal };
      const backend = backendTaking(milliseconds, clock);
      return await trialRate(mergeTrial(plan, backend, openSources().sources), backend, options);
    };
    expect((await rateOf(2)) / (await rateOf(1))).toBeCloseTo(0.5, 1);
  });

  it("reads what it computes with once before it looks at the clock", async () => {
    const clock = { now: 0 };
    const { reads, sources } = openSources();
    const options = { milliseconds: 0, now: () => clock.now, signal: new AbortController().signal };
    const backend = backendTaking(0, clock);
    const rounds = mergeTrial(plan, backend, sources);
    await trialRate(rounds, backend, options);
    const bytes = rounds.reduce((sum, round) => sum + round.bytes, 0);
    expect(reads.reduce((sum, byteLength) => sum + byteLength, 0)).toBeGreaterThanOrEqual(bytes / 2);
  });

  it("stops when it is told to", async () => {
    const clock = { now: 0 };
    const abort = new AbortController();
    abort.abort(new Error("enough"));
    const options = { milliseconds: 400, now: () => clock.now, signal: abort.signal };
    const backend = backendTaking(1, clock);
    const rounds = mergeTrial(plan, backend, openSources().sources);
    await expect(trialRate(rounds, backend, options)).rejects.toThrow("enough");
  });

  it("lets threads that can read files do so, as the job will", async () => {
    const clock = { now: 0 };
    const { reads, sources } = openSources();
    const opened = sources.map((files) => files.map((file, index) => ({ ...file, descriptor: index + 3 })));
    const merged: number[] = [];
    const backend: Backend = { ...backendTaking(1, clock), fileRoundBytes: 2 ** 20 };
    const slots = backend.slots.map((slot) => ({
      ...slot,
      mergeFiles: async (fileReads: Parameters<NonNullable<typeof slot.mergeFiles>>[0]) => {
        clock.now += 1;
        merged.push(...fileReads.map(({ descriptor }) => descriptor));
        return { borrowedOutput: new Uint8Array(0), newNonFinite: [], readMilliseconds: 0 };
      },
    }));
    const options = { milliseconds: 10, now: () => clock.now, signal: new AbortController().signal };
    await trialRate(mergeTrial(plan, backend, opened), { ...backend, slots }, options);
    expect(merged.length).toBeGreaterThan(0);
    expect(reads).toEqual([]);
  });
});
