import type { ByteSource } from "../checkpoint/byte-source.ts";
import type { MeasurePlan } from "../plan/measure-plan.ts";
import type { MergePlan } from "../plan/merge-plan.ts";
import type { Backend, Slot, SlotSize } from "./backend.ts";
import { batchesOf } from "./batches.ts";
import type { BatchRead } from "./input-packer.ts";
import { measureBatchesOf } from "./measure-batches.ts";
import { readAll } from "./read-all.ts";
import { runSlots } from "./run-slots.ts";

/** A round of a job that leaves nothing behind. */
export interface TrialRound {
  readonly reads: readonly BatchRead[];
  readonly compute: (slot: Slot) => Promise<unknown>;
}

/** Read over and over: enough for every slot of a ring, and little enough to stay in the page cache. */
const trialBytes = 192 * 1024 * 1024;

export interface TrialOptions {
  /** That the timed part takes. */
  readonly milliseconds: number;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** The first of what a merge computes; nothing of what it copies, which no backend sees. */
export function mergeTrial(plan: MergePlan, slotSize: SlotSize): TrialRound[] {
  const rounds: TrialRound[] = [];
  let bytes = 0;
  for (const batch of batchesOf(plan, { ...slotSize, copyBytes: slotSize.inputBytes })) {
    if (batch.kind !== "merge") continue;
    const { reads, operations } = batch;
    rounds.push({ reads, compute: (slot) => slot.merge(operations) });
    bytes += bytesOf(reads);
    if (bytes >= trialBytes) break;
  }
  return rounds;
}

/** The first of what a measuring pass computes where there are vectors. */
export function measureTrial(plan: MeasurePlan, slotSize: SlotSize): TrialRound[] {
  const rounds: TrialRound[] = [];
  let bytes = 0;
  for (const batch of measureBatchesOf(plan, slotSize, new Set())) {
    if ("precise" in batch) continue;
    const { reads, operations } = batch;
    const ofVectors = operations.filter(({ vectors }) => vectors.length > 0);
    rounds.push({ reads, compute: (slot) => slot.measure(ofVectors) });
    bytes += bytesOf(reads);
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
  sources: readonly (readonly ByteSource[])[],
  backend: Backend,
  { milliseconds, now, signal }: TrialOptions,
): Promise<number> {
  if (rounds.length === 0) return 0;
  const run = async (slot: Slot, { reads, compute }: TrialRound) => {
    await readAll(reads, sources, await slot.prepare());
    await compute(slot);
  };
  const first = rounds.values();
  await runSlots(backend.slots, { signal }, async (slot) => {
    const next = first.next();
    if (next.done !== true) await run(slot, next.value);
    return next.done !== true;
  });
  let bytes = 0;
  let index = 0;
  const startedAt = now();
  await runSlots(backend.slots, { signal }, async (slot) => {
    const round = rounds[index++ % rounds.length];
    if (round === undefined || now() - startedAt >= milliseconds) return false;
    await run(slot, round);
    bytes += bytesOf(round.reads);
    return true;
  });
  return (1000 * bytes) / (now() - startedAt);
}

function bytesOf(reads: readonly BatchRead[]): number {
  return reads.reduce((sum, { byteLength }) => sum + byteLength, 0);
}
