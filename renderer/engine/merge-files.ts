import type { ByteSink, ByteSource } from "../../src-core/checkpoint/byte-source.ts";
import type { Backend } from "../../src-core/engine/backend.ts";
import {
  addRange,
  collectRanges,
  type FileRange,
  listRanges,
  type RangesByFile,
} from "../../src-core/engine/file-ranges.ts";
import type { WrittenRange } from "../../src-core/engine/journal.ts";
import { type MergeOutcome, type MergeProgress, runMerge } from "../../src-core/engine/merge-pipeline.ts";
import { type EngineCommand, type EngineEvent, progressIntervalMs } from "../../src-core/engine/protocol.ts";
import type { SlotOptions } from "../../src-core/engine/run-slots.ts";
import type { WriteGate } from "../../src-core/engine/write-gate.ts";
import { copyBytes, journalSyncSeconds, writtenNewsBytes } from "../../src-core/limits.ts";
import type { MergePlan } from "../../src-core/plan/merge-plan.ts";
import { inTurn } from "./file-host.ts";
import type { JournalFile } from "./journal-file.ts";
import type { OpenFiles } from "./open-files.ts";

/** What a job works with: the backend and files as they are, or watched. */
export interface Watch {
  readonly backend: Backend;
  readonly source: (source: ByteSource) => ByteSource;
  readonly sink: (sink: ByteSink, name: string) => ByteSink;
}

type MergeCommand = Extract<EngineCommand, { type: "merge" }>;

export type MergeNews = Pick<Extract<EngineEvent, { type: "progress" }>, "progress" | "before">;

export interface MergeFilesCallbacks extends SlotOptions {
  /** Null where nobody follows what is written. */
  readonly gate: WriteGate | null;
  /** Ten times a second at most, and once at the end. */
  readonly onProgress: (news: MergeNews) => void;
  /** What was written since the last time: soon after, and all of it in the end. */
  readonly onWritten: (ranges: readonly FileRange[]) => void;
  /** Between two times that what was written is put on the disk for good. */
  readonly syncSeconds?: number;
}

/**
 * Executes a merge over the command's files, and records in its journal what is written, before the next batch is begun.
 * Rejects with the first failure once nothing is in flight any more.
 */
export async function mergeFiles(
  { plan, sources, outputPaths, journalPath, done }: MergeCommand,
  { backend, source, sink }: Watch,
  files: OpenFiles,
  { signal, rest, gate, syncSeconds = journalSyncSeconds, ...news }: MergeFilesCallbacks,
): Promise<MergeOutcome> {
  const sourceFiles = await files.openSources(sources);
  const sinkFiles = await files.openSinks(outputPaths);
  const journal = journalPath === null ? null : await files.openJournal(journalPath);
  const syncing = journal === null ? null : new RegularSync(() => journal.sync(sinkFiles), syncSeconds);
  const report = new Report(news);
  try {
    const watched = sourceFiles.map((opened) => opened.map(source));
    const starts = fileStarts(plan);
    const sinks = sinkFiles.map((opened, file) => inTurn(sink(opened, outputPaths[file] ?? "")));
    return await runMerge(plan, { sources: watched, sinks }, backend, {
      limits: { ...backend.slotSize, copyBytes: Math.min(copyBytes, backend.slotSize.inputBytes) },
      signal,
      ...(rest === undefined ? {} : { rest }),
      done: collectRanges(done),
      beforeWrite: async (file, byteOffset, stopped) =>
        gate?.pass((starts[file] ?? 0) + byteOffset, stopped, () => report.tellWritten()),
      onProgress: (progress, before) => report.progress(progress, before),
      onWritten: (ranges) => recordWritten(ranges, journal, report, syncing),
    });
  } finally {
    report.send();
    await syncing?.rest();
  }
}

/** Where each output file begins among the bytes of all. */
function fileStarts({ output }: MergePlan): number[] {
  let start = 0;
  return output.files.map(({ byteLength }) => {
    start += byteLength;
    return start - byteLength;
  });
}

async function recordWritten(
  ranges: readonly WrittenRange[],
  journal: JournalFile | null,
  report: Report,
  syncing: RegularSync | null,
): Promise<void> {
  await journal?.record(ranges);
  report.written(ranges);
  syncing?.check();
}

const nothing: MergeProgress = { bytesRead: 0, bytesWritten: 0 };

type News = Pick<MergeFilesCallbacks, "onProgress" | "onWritten">;

/** Gathers what is done and tells of it now and then. */
class Report {
  readonly #news: News;
  #progress: MergeProgress = nothing;
  #before: MergeProgress = nothing;
  #written: RangesByFile = new Map();
  #untoldBytes = 0;
  #sentAt = 0;

  constructor(news: News) {
    this.#news = news;
  }

  written(ranges: readonly WrittenRange[]): void {
    for (const { file, byteOffset, byteLength } of ranges) {
      addRange(this.#written, { file, start: byteOffset, end: byteOffset + byteLength });
      this.#untoldBytes += byteLength;
    }
    if (this.#untoldBytes >= writtenNewsBytes) this.tellWritten();
  }

  tellWritten(): void {
    if (this.#untoldBytes === 0) return;
    this.#untoldBytes = 0;
    this.#news.onWritten(listRanges(this.#written));
    this.#written = new Map();
  }

  progress(progress: MergeProgress, before: MergeProgress): void {
    this.#progress = progress;
    this.#before = before;
    if (performance.now() - this.#sentAt >= progressIntervalMs) this.send();
  }

  send(): void {
    this.tellWritten();
    this.#sentAt = performance.now();
    this.#news.onProgress({ progress: this.#progress, before: this.#before });
  }
}

/** Puts what was written on the disk every few seconds, beside the merging; its failure fails the merge. */
class RegularSync {
  readonly #sync: () => Promise<void>;
  readonly #seconds: number;
  #last = performance.now();
  #running: Promise<void> | null = null;
  #failure: unknown = null;

  constructor(sync: () => Promise<void>, seconds: number) {
    this.#sync = sync;
    this.#seconds = seconds;
  }

  /** Throws what an earlier one failed with: pages that the disk refused are not written again by the system. */
  check(): void {
    if (this.#failure !== null) throw this.#failure;
    if (this.#running !== null || performance.now() - this.#last < this.#seconds * 1000) return;
    this.#running = this.#sync()
      .catch((error: unknown) => {
        this.#failure = error;
      })
      .finally(() => {
        this.#last = performance.now();
        this.#running = null;
      });
  }

  async rest(): Promise<void> {
    await this.#running;
    if (this.#failure !== null) throw this.#failure;
  }
}
