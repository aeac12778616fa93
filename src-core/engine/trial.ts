import type { ByteSource } from "../checkpoint/byte-source.ts";
import type { MeasurePlan } from "../plan/measure-plan.ts";
import type { MergePlan } from "../plan/merge-plan.ts";
import type { Backend, Slot } from "./backend.ts";
import { batchesOf } from "./batches.ts";
import { canReadFiles, fileReadsOf, isOfFiles } from "./file-reads.ts";
import type { BatchRead } from "./input-packer.ts";
import { measureBatchesOf } from "./measure-batches.ts";
import { readAll } from "./read-all.ts";
import { runSlots } from "./run-slots.ts";

/** A round of a job that leaves nothing behind. */
export interface TrialRound {
  readonly bytes: number;
  /** Reads and computes as the job would. */
  readonly run: (slot: Slot) => Promise<unknown>;
}

/** Read over and over: enough for every slot of a ring, and little enough to stay in the page cache. */
const trialBytes = 192 * 1024 * 1024;

export interface TrialOptions {
  /** That the timed part takes. */
  readonly milliseconds: number;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

type Sources = readonly (readonly ByteSource[])[];

/** The first of what a merge computes; nothing of what it copies, which no backend sees. */
export function mergeTrial(plan: MergePlan, backend: Backend, sources: Sources): TrialRound[] {
  const { slotSize } = backend;
  const canReadThemselves = canReadFiles(backend, sources);
  const rounds = function* () {
    for (const batch of batchesOf(plan, { ...slotSize, copyBytes: slotSize.inputBytes })) {
      if (batch.kind !== "merge") continue;
      const { reads, operations } = batch;
      const run =
        canReadThemselves && isOfFiles(batch)
          ? async (slot: Slot) => await slot.mergeFiles?.(fileReadsOf(reads, sources), operations)
          : inSlot(reads, sources, (slot) => slot.merge(operations));
      yield { bytes: bytesOf(reads), run };
    }
  };
  return firstOf(rounds());
}

/** The first of what a measuring pass computes where there are vectors. */
export function measureTrial(plan: MeasurePlan, backend: Backend, sources: Sources): TrialRound[] {
  const fileBytes = () => (canReadFiles(backend, sources) ? (backend.fileRoundBytes ?? 0) : 0);
  const rounds = function* () {
    for (const batch of measureBatchesOf(plan, { ...backend.slotSize, fileBytes }, new Set())) {
      if ("precise" in batch) continue;
      const { reads } = batch;
      const operations = batch.operations.filter(({ vectors }) => vectors.length > 0);
      const run = batch.isOfFiles
        ? async (slot: Slot) => await slot.measureFiles?.(fileReadsOf(reads, sources), operations)
        : inSlot(reads, sources, (slot) => slot.measure(operations));
      yield { bytes: bytesOf(reads), run };
    }
  };
  return firstOf(rounds());
}

function inSlot(reads: readonly BatchRead[], sources: Sources, compute: TrialRound["run"]): TrialRound["run"] {
  return async (slot) => {
    await readAll(reads, sources, await slot.prepare());
    return await compute(slot);
  };
}

function firstOf(all: Iterable<TrialRound>): TrialRound[] {
  const rounds: TrialRound[] = [];
  let bytes = 0;
  for (const round of all) {
    rounds.push(round);
    bytes += round.bytes;
    if (bytes >= trialBytes) break;
  }
  return rounds;
}

/**
 * Bytes of input per second that the backend takes in these rounds, read from files that a first, untimed pass has brought into the page
 * cache (and for which it has compiled its kernels); 0 without rounds. Nothing is written. Rejects with the first failure, or the signal's reason.
 */
export async function trialRate(
  rounds: readonly TrialRound[],
  backend: Backend,
  { milliseconds, now, signal }: TrialOptions,
): Promise<number> {
  if (rounds.length === 0) return 0;
  const first = rounds.values();
  await runSlots(backend.slots, { signal }, async (slot) => {
    const next = first.next();
    if (next.done !== true) await next.value.run(slot);
    return next.done !== true;
  });
  let bytes = 0;
  let index = 0;
  const startedAt = now();
  await runSlots(backend.slots, { signal }, async (slot) => {
    const round = rounds[index++ % rounds.length];
    if (round === undefined || now() - startedAt >= milliseconds) return false;
    await round.run(slot);
    bytes += round.bytes;
    return true;
  });
  return (1000 * bytes) / (now() - startedAt);
}

function bytesOf(reads: readonly BatchRead[]): number {
  return reads.reduce((sum, { byteLength }) => sum + byteLength, 0);
}
