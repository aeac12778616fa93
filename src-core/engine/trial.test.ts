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
const rounds = mergeTrial(plan, slotSize);

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
      return await trialRate(rounds, openSources().sources, backendTaking(milliseconds, clock), options);
    };
    expect((await rateOf(2)) / (await rateOf(1))).toBeCloseTo(0.5, 1);
  });

  it("reads what it computes with once before it looks at the clock", async () => {
    const clock = { now: 0 };
    const { reads, sources } = openSources();
    const options = { milliseconds: 0, now: () => clock.now, signal: new AbortController().signal };
    await trialRate(rounds, sources, backendTaking(0, clock), options);
    const bytes = rounds.flatMap((round) => round.reads).reduce((sum, { byteLength }) => sum + byteLength, 0);
    expect(reads.reduce((sum, byteLength) => sum + byteLength, 0)).toBeGreaterThanOrEqual(bytes / 2);
  });

  it("stops when it is told to", async () => {
    const clock = { now: 0 };
    const abort = new AbortController();
    abort.abort(new Error("enough"));
    const options = { milliseconds: 400, now: () => clock.now, signal: abort.signal };
    await expect(trialRate(rounds, openSources().sources, backendTaking(1, clock), options)).rejects.toThrow("enough");
  });
});
