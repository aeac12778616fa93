import type { ByteSink, ByteSource } from "../checkpoint/byte-source.ts";
import type { MergeableDtype } from "../checkpoint/dtype.ts";
import type { MergePlan } from "../plan/merge-plan.ts";
import type { Backend, MergeResult, Slot } from "./backend.ts";
import { type Batch, type BatchLimits, batchesOf, type CopyBatch, type MergeBatch } from "./batches.ts";
import { FilePace } from "./file-pace.ts";
import { canReadFiles, failureOfThread, fileReadsOf, isOfFiles } from "./file-reads.ts";
import { type BatchRead, fileBytesOf } from "./input-packer.ts";
import type { WrittenRange } from "./journal.ts";
import { mergePrecisely, type PreciseBatch } from "./precise.ts";
import type { RangeSet } from "./range-set.ts";
import { allSettledOrThrow, readAll } from "./read-all.ts";
import { runSlots, type SlotOptions } from "./run-slots.ts";

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

export interface MergeOptions extends SlotOptions {
  readonly limits: BatchLimits;
  /** `progress` counts what an interrupted run has done as done; `before` is that part of it. */
  readonly onProgress: (progress: MergeProgress, before: MergeProgress) => void;
  /** What an interrupted run of the same plan on the same backend has written: it is neither read nor written again. */
  readonly done?: DoneRanges;
  /** Awaited before each write; the signal tells when nothing is to be waited for any more. */
  readonly beforeWrite?: (file: number, byteOffset: number, stopped: AbortSignal) => Promise<void>;
  /** Called after each batch with what it wrote; the slot waits for it before it goes on. */
  readonly onWritten?: (ranges: readonly WrittenRange[]) => Promise<void>;
}

/** By output file. */
export type DoneRanges = ReadonlyMap<number, RangeSet>;

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
  const run = new MergeRun(plan, files, backend, options);
  await runSlots(backend.slots, options, (slot, stopped) => run.round(slot, stopped));
  return run.outcome();
}

const nothing = new Uint8Array(0);

class MergeRun {
  readonly #plan: MergePlan;
  readonly #files: MergeFiles;
  readonly #options: MergeOptions;
  readonly #batches: Iterator<Batch, void, undefined>;
  readonly #newNonFinite = new Map<number, number>();
  /** A slot's own memory may lie on the device's side, where reading it back is slow: copies have their own, made at first need. */
  readonly #copyBuffers = new Map<Slot, Uint8Array>();
  readonly #canReadThemselves: boolean;
  readonly #pace = new FilePace();
  #bytesRead = 0;
  #bytesWritten = 0;
  /** Of batches that an interrupted run has done. */
  #bytesReadBefore = 0;
  #bytesWrittenBefore = 0;

  constructor(plan: MergePlan, files: MergeFiles, backend: Backend, options: MergeOptions) {
    this.#canReadThemselves = canReadFiles(backend, files.sources);
    this.#plan = plan;
    this.#files = files;
    this.#options = options;
    this.#batches = batchesOf(plan, options.limits);
  }

  /** One batch on one slot; false when there is none left. */
  async round(slot: Slot, stopped: AbortSignal): Promise<boolean> {
    let next = this.#batches.next();
    while (next.done !== true && this.#isDone(next.value)) {
      this.#countBefore(next.value);
      next = this.#batches.next();
    }
    if (next.done === true) return false;
    const written = await this.#execute(slot, next.value, stopped);
    await this.#options.onWritten?.(written);
    const before = { bytesRead: this.#bytesReadBefore, bytesWritten: this.#bytesWrittenBefore };
    const progress = {
      bytesRead: before.bytesRead + this.#bytesRead,
      bytesWritten: before.bytesWritten + this.#bytesWritten,
    };
    this.#options.onProgress(progress, before);
    return true;
  }

  #execute(slot: Slot, batch: Batch, stopped: AbortSignal): Promise<WrittenRange[]> {
    if (batch.kind === "merge") return this.#merge(slot, batch, stopped);
    return batch.kind === "copy" ? this.#copy(slot, batch, stopped) : this.#mergePrecisely(batch, stopped);
  }

  outcome(): MergeOutcome {
    const newNonFinite = [...this.#newNonFinite].map(([index, count]) => ({
      tensor: this.#plan.tensors[index]?.name ?? "",
      count,
    }));
    return { bytesRead: this.#bytesRead, bytesWritten: this.#bytesWritten, newNonFinite };
  }

  #isDone(batch: Batch): boolean {
    const { done } = this.#options;
    if (done === undefined) return false;
    return writesOf(batch).every(
      ({ file, byteOffset, byteLength }) => done.get(file)?.covers(byteOffset, byteOffset + byteLength) === true,
    );
  }

  #countBefore(batch: Batch): void {
    this.#bytesReadBefore += readBytesOf(batch);
    for (const { byteLength } of writesOf(batch)) this.#bytesWrittenBefore += byteLength;
  }

  async #merge(slot: Slot, batch: MergeBatch, stopped: AbortSignal): Promise<WrittenRange[]> {
    const { borrowedOutput, newNonFinite } = await this.#compute(slot, batch);
    await allSettledOrThrow(batch.writes.map((write) => this.#write(write, borrowedOutput, stopped)));
    newNonFinite.forEach((count, operation) => {
      const tensor = batch.tensors[operation];
      if (count > 0 && tensor !== undefined) {
        this.#newNonFinite.set(tensor, (this.#newNonFinite.get(tensor) ?? 0) + count);
      }
    });
    return batch.writes.map(({ file, byteOffset, byteLength }, operation) => ({
      file,
      byteOffset,
      byteLength,
      newNonFinite: newNonFinite[operation] ?? 0,
    }));
  }

  async #compute(slot: Slot, batch: MergeBatch): Promise<MergeResult> {
    if (this.#canReadThemselves && isOfFiles(batch) && this.#pace.next()) return await this.#mergeFiles(slot, batch);
    const input = await slot.prepare();
    for (const { slotByteOffset, byteLength } of batch.zeros)
      input.fill(0, slotByteOffset, slotByteOffset + byteLength);
    const kept = this.#keptBuffer(slot, batch);
    await allSettledOrThrow([this.#read(batch.reads, input), this.#read(kept.reads, kept.buffer)]);
    const result = await slot.merge(batch.operations);
    batch.keptReads.forEach(({ slotByteOffset, byteLength }, index) => {
      const from = kept.reads[index]?.slotByteOffset ?? 0;
      result.borrowedOutput.set(kept.buffer.subarray(from, from + byteLength), slotByteOffset);
    });
    return result;
  }

  /** A thread of the backend's reads what it merges. */
  async #mergeFiles(slot: Slot, { reads, operations }: MergeBatch): Promise<MergeResult> {
    const { sources } = this.#files;
    try {
      const merged = await slot.mergeFiles?.(fileReadsOf(reads, sources), operations);
      if (merged === undefined) throw new RangeError("a slot that reads no files");
      const byteLength = reads.reduce((sum, read) => sum + read.byteLength, 0);
      this.#bytesRead += byteLength;
      this.#pace.note(byteLength, merged.readMilliseconds);
      return merged;
    } catch (error) {
      throw await failureOfThread(error, reads, sources);
    }
  }

  async #mergePrecisely(batch: PreciseBatch, stopped: AbortSignal): Promise<WrittenRange[]> {
    const { tensor, write } = batch;
    const dtype = this.#plan.tensors[tensor]?.output.dtype as MergeableDtype | "F64";
    const { bytes, newNonFinite, bytesRead } = await mergePrecisely(batch, dtype, this.#files.sources);
    this.#bytesRead += bytesRead;
    await this.#write(write, bytes, stopped);
    if (newNonFinite > 0) this.#newNonFinite.set(tensor, (this.#newNonFinite.get(tensor) ?? 0) + newNonFinite);
    const { file, byteOffset, byteLength } = write;
    return [{ file, byteOffset, byteLength, newNonFinite }];
  }

  async #copy(slot: Slot, { read, write }: CopyBatch, stopped: AbortSignal): Promise<WrittenRange[]> {
    const buffer = this.#copyBuffer(slot, this.#options.limits.copyBytes);
    await this.#read([read], buffer);
    await this.#write(write, buffer, stopped);
    const { file, byteOffset, byteLength } = write;
    return [{ file, byteOffset, byteLength, newNonFinite: 0 }];
  }

  /** The kept bytes side by side: they wait for the result beside the slot, whose own memory is the operations'. */
  #keptBuffer(slot: Slot, { keptReads }: MergeBatch): { reads: BatchRead[]; buffer: Uint8Array } {
    let filled = 0;
    const reads = keptReads.map((read) => {
      const slotByteOffset = filled;
      filled += read.byteLength;
      return { ...read, slotByteOffset };
    });
    return { reads, buffer: filled === 0 ? nothing : this.#copyBuffer(slot, filled) };
  }

  #copyBuffer(slot: Slot, byteLength: number): Uint8Array {
    const present = this.#copyBuffers.get(slot);
    if (present !== undefined && present.byteLength >= byteLength) return present;
    const buffer = new Uint8Array(Math.max(byteLength, this.#options.limits.copyBytes));
    this.#copyBuffers.set(slot, buffer);
    return buffer;
  }

  async #read(reads: readonly BatchRead[], memory: Uint8Array): Promise<void> {
    await readAll(reads, this.#files.sources, memory);
    for (const read of reads) this.#bytesRead += fileBytesOf(read);
  }

  async #write(write: MergeBatch["writes"][number], memory: Uint8Array, stopped: AbortSignal): Promise<void> {
    const sink = this.#files.sinks[write.file];
    if (sink === undefined) throw new Error(`no output file ${write.file}`);
    await this.#options.beforeWrite?.(write.file, write.byteOffset, stopped);
    await sink.write(memory.subarray(write.slotByteOffset, write.slotByteOffset + write.byteLength), write.byteOffset);
    this.#bytesWritten += write.byteLength;
  }
}

function writesOf(batch: Batch): MergeBatch["writes"] {
  return batch.kind === "merge" ? batch.writes : [batch.write];
}

/** For progress: of the few tensors that are merged precisely an estimate will do. */
function readBytesOf(batch: Batch): number {
  if (batch.kind === "precise") return batch.write.byteLength * (1 + 2 * batch.scales.length);
  const reads = batch.kind === "merge" ? [...batch.reads, ...batch.keptReads] : [batch.read];
  return reads.reduce((sum, read) => sum + fileBytesOf(read), 0);
}
