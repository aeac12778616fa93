import { randomUUID } from "node:crypto";
import { plannedReadBytes } from "../../src-core/engine/planned-bytes.ts";
import { failureOf, StudioError } from "../../src-core/errors.ts";
import type { JobState } from "../api/exports.ts";
import type { EngineTurns, EngineWork, WorkOwner } from "../engine/engine-turns.ts";
import { Interruption } from "../engine/interruption.ts";
import { Throughput } from "../engine/throughput.ts";
import { runMergeJob } from "./merge-job.ts";
import type { MergeJobRequest } from "./merge-job-request.ts";
import type { MergeServices } from "./merge-services.ts";
import { moveExport } from "./move-export.ts";
import { PauseSwitch } from "./pause-switch.ts";
import { findUnfinished } from "./unfinished-export.ts";

interface Job {
  state: JobState;
  /** Resolves when the job is over, however it ended. */
  over: Promise<void>;
  readonly abort: AbortController;
  readonly pause: PauseSwitch;
}

/** The exports of one window: one at a time, each with a state that the window is told about. One may wait for another window's work. */
export class Jobs {
  readonly #services: MergeServices;
  readonly #turns: EngineTurns;
  readonly #owner: WorkOwner;
  readonly #onChange: (state: JobState) => void;
  readonly #jobs = new Map<string, Job>();

  constructor(
    services: MergeServices,
    { turns, owner }: { readonly turns: EngineTurns; readonly owner: WorkOwner },
    onChange: (state: JobState) => void,
  ) {
    this.#services = services;
    this.#turns = turns;
    this.#owner = owner;
    this.#onChange = onChange;
  }

  /** One that waits counts. */
  get running(): boolean {
    return [...this.#jobs.values()].some(({ state }) => !isOver(state));
  }

  get latest(): JobState | null {
    return [...this.#jobs.values()].at(-1)?.state ?? null;
  }

  /** Starts the export, as soon as the engine is free; what becomes of it is told through `onChange`. */
  start(request: MergeJobRequest): JobState {
    if (this.running) throw new StudioError({ code: "usage", what: "An export is already running" });
    const state = firstState(request);
    const job: Job = { state, abort: new AbortController(), pause: new PauseSwitch(), over: Promise.resolve() };
    this.#jobs.set(job.state.id, job);
    job.over = this.#inTurn(job, request);
    return job.state;
  }

  /** Ends the export and removes what it has written. */
  cancel(id: string): void {
    this.#jobs.get(id)?.abort.abort(new Interruption(false));
  }

  /** Stops, or goes on, while it merges; before and after that there is nothing to pause. */
  setPaused(id: string, paused: boolean): void {
    this.#jobs.get(id)?.pause.set(paused);
  }

  /** Resolves when nothing runs any more; what was written can be gone on with. */
  async stopAll(): Promise<void> {
    for (const { abort } of this.#jobs.values()) abort.abort(new Interruption(true));
    await Promise.all([...this.#jobs.values()].map(({ over }) => over));
  }

  /** Moves a finished export; resolves with where it lies then. Rejects with a StudioError, and then it is where it was. */
  async move(id: string, path: string): Promise<string> {
    const job = this.#jobs.get(id);
    const result = job?.state.result ?? null;
    if (job === undefined || result === null) throw new StudioError({ code: "usage", what: "Nothing to move" });
    await moveExport(result.out, path);
    this.#update(job, { outputPath: path, result: { ...result, out: path } });
    return path;
  }

  outputPath(id: string): string | null {
    return this.#jobs.get(id)?.state.outputPath ?? null;
  }

  #inTurn(job: Job, request: MergeJobRequest): Promise<void> {
    return new Promise((resolve) => {
      const work: EngineWork = {
        kind: "export",
        owner: this.#owner,
        run: async () => {
          await this.#run(job, request);
          resolve();
          return "over";
        },
        // Nothing goes before an export.
        interrupt: () => {},
        onWaiting: (waitsFor) => this.#update(job, { phase: "waiting", waitsFor }),
      };
      const { signal } = job.abort;
      const leave = () => {
        if (this.#turns.withdraw(work)) void this.#end(job, request, signal.reason).then(resolve);
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#turns.ask(work);
    });
  }

  async #run(job: Job, request: MergeJobRequest): Promise<void> {
    const startedAt = performance.now();
    const throughput = new Throughput();
    const update = (change: Partial<JobState>) =>
      this.#update(job, { seconds: (performance.now() - startedAt) / 1000, waitsFor: null, ...change });
    try {
      const result = await runMergeJob(request, this.#services, {
        signal: job.abort.signal,
        pause: job.pause,
        onPhase: (phase) => update({ phase, bytesPerSecond: null, secondsLeft: null }),
        onProgress: (progress) => update(throughput.next(progress, job.state, performance.now())),
      });
      const { bytesRead, bytesWritten, seconds } = result;
      update({ phase: "done", result, bytesRead, bytesWritten, seconds, bytesPerSecond: null, secondsLeft: null });
    } catch (error) {
      await this.#end(job, request, error);
    }
  }

  async #end(job: Job, { outputPath }: MergeJobRequest, error: unknown): Promise<void> {
    const failure = failureOf(error, "write-failed");
    const phase = failure.code === "interrupted" ? "cancelled" : "failed";
    const resumable = (await findUnfinished(outputPath)) !== null;
    this.#update(job, { phase, failure, resumable, waitsFor: null, bytesPerSecond: null, secondsLeft: null });
  }

  #update(job: Job, change: Partial<JobState>): void {
    job.state = { ...job.state, ...change };
    this.#onChange(job.state);
  }
}

function isOver({ phase }: JobState): boolean {
  return phase === "done" || phase === "failed" || phase === "cancelled";
}

function firstState({ plan, outputPath }: MergeJobRequest): JobState {
  return {
    id: randomUUID(),
    phase: "preparing",
    waitsFor: null,
    outputPath,
    bytesRead: 0,
    bytesToRead: plannedReadBytes(plan),
    bytesWritten: 0,
    bytesToWrite: plan.tensors.reduce((sum, { output }) => sum + output.byteLength, 0),
    seconds: 0,
    bytesPerSecond: null,
    secondsLeft: null,
    result: null,
    failure: null,
    resumable: false,
  };
}
