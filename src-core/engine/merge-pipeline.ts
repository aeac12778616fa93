import type { ByteSink, ByteSource } from "../checkpoint/byte-source.ts";
import type { MergePlan } from "../plan/merge-plan.ts";
import type { Backend, Slot } from "./backend.ts";
import { type Batch, type BatchLimits, batchesOf, type CopyBatch, type MergeBatch } from "./batches.ts";

export interface MergeFiles {
  /** By the plan's source and file indices. */
  readonly sources: readonly (readonly ByteSource[])[];
  /** By the output layout's file index; each already has its full size. */
  readonly sinks: readonly ByteSink[];
}

export interface MergeProgress {
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

export interface MergeOptions {
  readonly limits: BatchLimits;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: MergeProgress) => void;
}

export interface MergeOutcome extends MergeProgress {
  /** Outputs that became NaN or infinite though the target's element was finite, by tensor. */
  readonly newNonFinite: readonly { readonly tensor: string; readonly count: number }[];
}

/**
 * Reads, computes and writes everything the plan says. Each slot of the backend takes the next batch as soon as it is free,
 * so while one slot reads another computes and a third writes; memory is what the slots hold.
 * Rejects with the first failure (or the signal's reason) after every slot has come to rest: nothing is in flight then.
 */
export async function runMerge(
  plan: MergePlan,
  files: MergeFiles,
  backend: Backend,
  options: MergeOptions,
): Promise<MergeOutcome> {
  const run = new MergeRun(plan, files, options);
  const stop = new AbortController();
  const workers = backend.slots.map((slot) =>
    run.work(slot, stop.signal).catch((error: unknown) => {
      stop.abort(error);
      throw error;
    }),
  );
  const settled = await Promise.allSettled(workers);
  options.signal.throwIfAborted();
  // The first failure, not whichever slot stopped because of it.
  if (settled.some(({ status }) => status === "rejected")) throw stop.signal.reason;
  return run.outcome();
}

class MergeRun {
  readonly #plan: MergePlan;
  readonly #files: MergeFiles;
  readonly #options: MergeOptions;
  readonly #batches: Iterator<Batch, void, undefined>;
  readonly #newNonFinite = new Map<number, number>();
  #bytesRead = 0;
  #bytesWritten = 0;

  constructor(plan: MergePlan, files: MergeFiles, options: MergeOptions) {
    this.#plan = plan;
    this.#files = files;
    this.#options = options;
    this.#batches = batchesOf(plan, options.limits);
  }

  async work(slot: Slot, stop: AbortSignal): Promise<void> {
    let copyBuffer: Uint8Array | null = null;
    while (!stop.aborted && !this.#options.signal.aborted) {
      const next = this.#batches.next();
      if (next.done === true) return;
      if (next.value.kind === "merge") await this.#merge(slot, next.value);
      else {
        copyBuffer ??= new Uint8Array(this.#options.limits.copyBytes);
        await this.#copy(copyBuffer, next.value);
      }
      this.#options.onProgress({ bytesRead: this.#bytesRead, bytesWritten: this.#bytesWritten });
    }
  }

  outcome(): MergeOutcome {
    const newNonFinite = [...this.#newNonFinite].map(([index, count]) => ({
      tensor: this.#plan.tensors[index]?.name ?? "",
      count,
    }));
    return { bytesRead: this.#bytesRead, bytesWritten: this.#bytesWritten, newNonFinite };
  }

  async #merge(slot: Slot, batch: MergeBatch): Promise<void> {
    const input = await slot.prepare();
    await allSettledOrThrow(batch.reads.map((read) => this.#read(read, input)));
    const { borrowedOutput, newNonFinite } = await slot.merge(batch.operations);
    await allSettledOrThrow(batch.writes.map((write) => this.#write(write, borrowedOutput)));
    newNonFinite.forEach((count, operation) => {
      const tensor = batch.tensors[operation];
      if (count > 0 && tensor !== undefined) {
        this.#newNonFinite.set(tensor, (this.#newNonFinite.get(tensor) ?? 0) + count);
      }
    });
  }

  async #copy(buffer: Uint8Array, { read, write }: CopyBatch): Promise<void> {
    await this.#read(read, buffer);
    await this.#write(write, buffer);
  }

  async #read(read: MergeBatch["reads"][number], memory: Uint8Array): Promise<void> {
    const source = this.#files.sources[read.source]?.[read.file];
    if (source === undefined) throw new Error(`no source ${read.source}, file ${read.file}`);
    const place = memory.subarray(read.slotByteOffset, read.slotByteOffset + read.byteLength);
    await source.readInto(place, read.byteOffset);
    this.#bytesRead += read.byteLength;
  }

  async #write(write: MergeBatch["writes"][number], memory: Uint8Array): Promise<void> {
    const sink = this.#files.sinks[write.file];
    if (sink === undefined) throw new Error(`no output file ${write.file}`);
    await sink.write(memory.subarray(write.slotByteOffset, write.slotByteOffset + write.byteLength), write.byteOffset);
    this.#bytesWritten += write.byteLength;
  }
}

/** Like Promise.all, but throws only once all are at rest: a buffer must not be unmapped or reused while a read fills it. */
async function allSettledOrThrow(promises: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(promises)) {
    if (result.status === "rejected") throw result.reason;
  }
}
