import { randomUUID } from "node:crypto";
import type { FileRange } from "../../src-core/engine/file-ranges.ts";
import type { WrittenRange } from "../../src-core/engine/journal.ts";
import type { MergeOutcome, MergeProgress } from "../../src-core/engine/merge-pipeline.ts";
import type { SourceFile } from "../../src-core/engine/protocol.ts";
import { failureOf, StudioError } from "../../src-core/errors.ts";
import type { MergePlan } from "../../src-core/plan/merge-plan.ts";
import type { EngineProcess, MergeNews } from "../engine/engine-process.ts";
import type { FollowedBytes } from "../engine/followed-bytes.ts";
import { refuseOtherBackend } from "./export-record.ts";
import type { ExportWorkspace } from "./export-workspace.ts";
import type { OutputFollower } from "./output-follower.ts";
import type { PauseSwitch } from "./pause-switch.ts";

/** What an export asks of what computes. */
export type MergeEngine = Pick<EngineProcess, "backend" | "ready" | "merge" | "insistOn" | "tryBackends">;

/** Starts without a byte written between them, after which what computes is given up. */
const maximumVainStarts = 3;

const nothing: MergeProgress = { bytesRead: 0, bytesWritten: 0 };

export interface MergeRunCallbacks {
  readonly signal: AbortSignal;
  readonly pause: PauseSwitch;
  readonly onPhase: (phase: "merging" | "paused") => void;
  readonly onProgress: (progress: MergeProgress) => void;
}

/**
 * Has a plan executed into a workspace, until all of it is written: over pauses, and over engines and devices that die. What was
 * written stays written. Rejects with the first failure that starting anew does not help against, or the signal's reason.
 */
export class MergeRun {
  readonly #plan: MergePlan;
  readonly #sources: readonly (readonly SourceFile[])[];
  readonly #workspace: ExportWorkspace;
  readonly #engine: MergeEngine;
  readonly #follower: OutputFollower;
  readonly #followed: FollowedBytes;
  readonly #callbacks: MergeRunCallbacks;
  readonly #isRecorded: boolean;
  readonly #tracePath: string | undefined;
  #done: readonly FileRange[];
  /** Of this run of the engine, and of those before it. */
  #run: MergeProgress = nothing;
  #earlier: MergeProgress = nothing;

  constructor(
    given: {
      readonly plan: MergePlan;
      readonly sources: readonly (readonly SourceFile[])[];
      readonly workspace: ExportWorkspace;
      readonly engine: MergeEngine;
      readonly follower: OutputFollower;
      /** How far it is. */
      readonly followed: FollowedBytes;
      /** What is written already. */
      readonly done: readonly FileRange[];
      /** Whether what is written goes into the journal. */
      readonly isRecorded: boolean;
      /** A file to take down in when what happened. */
      readonly tracePath: string | undefined;
    },
    callbacks: MergeRunCallbacks,
  ) {
    this.#plan = given.plan;
    this.#sources = given.sources;
    this.#workspace = given.workspace;
    this.#engine = given.engine;
    this.#follower = given.follower;
    this.#followed = given.followed;
    this.#done = given.done;
    this.#isRecorded = given.isRecorded;
    this.#tracePath = given.tracePath;
    this.#callbacks = callbacks;
  }

  /** Bytes read and written count what this run did, not what an earlier one had done. */
  async run(): Promise<MergeOutcome> {
    const { signal, pause } = this.#callbacks;
    this.#follower.written(this.#done);
    this.#engine.insistOn(this.#workspace.record.backend.kind);
    for (let vainStarts = 0; ; ) {
      this.#run = nothing;
      try {
        await this.#pauseIfAsked();
        const { bytesRead, bytesWritten } = await this.#mergeOnce();
        return await this.#outcome({ bytesRead, bytesWritten });
      } catch (error) {
        signal.throwIfAborted();
        const { code } = failureOf(error, "device-failed");
        const wasPaused = pause.isPaused && code === "interrupted";
        vainStarts = this.#run.bytesWritten > 0 ? 0 : vainStarts + 1;
        if (!wasPaused && (code !== "device-lost" || vainStarts >= maximumVainStarts)) throw error;
      }
      this.#earlier = sum(this.#earlier, this.#run);
      this.#done = (await this.#workspace.journal()).done;
      this.#follower.written(this.#done);
    }
  }

  async #pauseIfAsked(): Promise<void> {
    const { signal, pause, onPhase } = this.#callbacks;
    if (pause.isPaused) {
      // Nobody waits now, and the machine may well be switched off.
      await this.#workspace.sync(() => this.#follower.rest());
      onPhase("paused");
      while (pause.isPaused && !signal.aborted) await pause.change(signal);
    }
    signal.throwIfAborted();
    onPhase("merging");
  }

  async #mergeOnce(): Promise<MergeOutcome> {
    const { signal, pause, onProgress } = this.#callbacks;
    const { kind, adapter } = await this.#engine.ready();
    if (kind === null) throw new StudioError({ code: "device-missing", what: "No compute device" });
    refuseOtherBackend(this.#workspace.record, { kind, adapter: adapter ?? "" });
    const stop = new AbortController();
    const abort = () => stop.abort(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    const over = new AbortController();
    void pause.change(over.signal).then(() => {
      if (pause.isPaused) stop.abort(new StudioError({ code: "interrupted", what: "Paused" }));
    });
    try {
      return await this.#engine.merge(
        {
          job: randomUUID(),
          plan: this.#plan,
          sources: this.#sources,
          outputPaths: this.#workspace.filePaths,
          journalPath: this.#isRecorded ? this.#workspace.journalPath : null,
          done: this.#done,
          ...(this.#tracePath === undefined ? {} : { tracePath: this.#tracePath }),
        },
        {
          signal: stop.signal,
          followed: this.#followed,
          onWritten: (ranges) => this.#follower.written(ranges),
          onProgress: (news) => {
            this.#count(news);
            onProgress(news.progress);
          },
        },
      );
    } finally {
      over.abort();
      signal.removeEventListener("abort", abort);
    }
  }

  #count({ progress, before }: MergeNews): void {
    this.#run = {
      bytesRead: progress.bytesRead - before.bytesRead,
      bytesWritten: progress.bytesWritten - before.bytesWritten,
    };
  }

  async #outcome(last: MergeProgress): Promise<MergeOutcome> {
    const { nonFinite } = await this.#workspace.journal();
    return { ...sum(this.#earlier, last), newNonFinite: nonFiniteTensors(this.#plan, nonFinite) };
  }
}

function sum(a: MergeProgress, b: MergeProgress): MergeProgress {
  return { bytesRead: a.bytesRead + b.bytesRead, bytesWritten: a.bytesWritten + b.bytesWritten };
}

/** By tensor, in the plan's order. A range that was written twice counts once. */
function nonFiniteTensors(
  { tensors }: MergePlan,
  ranges: readonly WrittenRange[],
): { readonly tensor: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  const seen = new Set<string>();
  for (const { file, byteOffset, newNonFinite } of ranges) {
    const place = `${file}:${byteOffset}`;
    if (seen.has(place)) continue;
    seen.add(place);
    const within = tensors.find(
      ({ output }) =>
        output.file === file && byteOffset >= output.byteOffset && byteOffset < output.byteOffset + output.byteLength,
    );
    if (within !== undefined) counts.set(within.name, (counts.get(within.name) ?? 0) + newNonFinite);
  }
  return tensors.flatMap(({ name }) => {
    const count = counts.get(name);
    return count === undefined ? [] : [{ tensor: name, count }];
  });
}
