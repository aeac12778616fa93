import type { Backend } from "../../src-core/engine/backend.ts";
import { inspectTensor } from "../../src-core/engine/inspect-tensor.ts";
import { runMeasure } from "../../src-core/engine/measure-pipeline.ts";
import {
  type BackendChoice,
  type EngineCommand,
  type EngineEvent,
  progressIntervalMs,
} from "../../src-core/engine/protocol.ts";
import { WriteGate } from "../../src-core/engine/write-gate.ts";
import { failureOf, StudioError } from "../../src-core/errors.ts";
import { writeWindowBytes } from "../../src-core/limits.ts";
import type { TensorStatistics } from "../../src-core/statistics/tensor-statistics.ts";
import { type ChosenBackend, createBackend } from "./create-backend.ts";
import { fasterBackend } from "./faster-backend.ts";
import { mergeFiles, type Watch } from "./merge-files.ts";
import { OpenFiles } from "./open-files.ts";
import { Resting } from "./resting.ts";
import { TraceFile } from "./trace-file.ts";

type JobCommand = Exclude<EngineCommand, { type: "start" | "cancel" | "followed" | "rest" }>;
type InspectCommand = Extract<EngineCommand, { type: "inspect" }>;
type MergeCommand = Extract<EngineCommand, { type: "merge" }>;
type MeasureCommand = Extract<EngineCommand, { type: "measure" }>;
type TryCommand = Extract<EngineCommand, { type: "try" }>;

/** The engine window's work: one device, one job at a time, told what to do by main. */
export class EngineHost {
  readonly #send: (event: EngineEvent) => void;
  readonly #running = new Map<string, AbortController>();
  readonly #gates = new Map<string, WriteGate>();
  readonly #open: (choice: BackendChoice) => Promise<ChosenBackend>;
  readonly #resting = new Resting();
  #backend: Backend | null = null;
  #openRival: (() => Promise<Backend>) | null = null;
  #last: Promise<void> = Promise.resolve();

  constructor(send: (event: EngineEvent) => void, open = createBackend) {
    this.#send = send;
    this.#open = open;
  }

  receive(command: EngineCommand): void {
    if (command.type === "start") void this.#start(command.backend);
    else if (command.type === "cancel") {
      this.#running.get(command.job)?.abort(new StudioError({ code: "interrupted", what: "Cancelled" }));
    } else if (command.type === "rest") this.#resting.rest();
    else if (command.type === "followed") this.#gates.get(command.job)?.followed(command.bytes);
    else this.#take(command);
  }

  async #start(choice: BackendChoice): Promise<void> {
    try {
      this.#use(await this.#open(choice));
    } catch (error) {
      this.#send({ type: "unavailable", failure: failureOf(error, "device-failed") });
    }
  }

  #use(chosen: ChosenBackend): void {
    const { backend } = chosen;
    this.#backend = backend;
    this.#openRival = chosen.openRival ?? null;
    backend.lost.catch((error: unknown) => {
      if (this.#backend !== backend) return;
      this.#backend = null;
      this.#send({ type: "unavailable", failure: failureOf(error, "device-lost") });
    });
    this.#sayReady(chosen);
  }

  #sayReady({ backend, fallback, because, foundGpu }: ChosenBackend): void {
    const { kind, adapter } = backend;
    this.#send({ type: "ready", kind, adapter, fallback, because, ...(foundGpu === undefined ? {} : { foundGpu }) });
  }

  #take(command: JobCommand): void {
    const abort = new AbortController();
    this.#running.set(command.job, abort);
    // Now: what main tells of it may come before its turn does.
    if (command.type === "merge" && command.followedBytes !== null) {
      this.#gates.set(command.job, new WriteGate(writeWindowBytes, command.followedBytes));
    }
    const work = () => this.#work(command, abort.signal);
    // One after another: a ring of slots serves one job. Looking at a tensor takes none.
    if (command.type === "inspect") void work();
    else this.#last = this.#last.then(work);
  }

  async #work(command: JobCommand, signal: AbortSignal): Promise<void> {
    const files = new OpenFiles();
    try {
      signal.throwIfAborted();
      if (command.type === "merge") await this.#merge(command, files, signal);
      else if (command.type === "measure") await this.#measure(command, files, signal);
      else if (command.type === "try") await this.#try(command, files, signal);
      else await this.#inspect(command, files, signal);
    } catch (error) {
      this.#send({ type: "failed", job: command.job, failure: failureOf(error, "device-failed") });
    } finally {
      this.#running.delete(command.job);
      this.#gates.delete(command.job);
      await files.close();
    }
  }

  async #try({ job, work, sources }: TryCommand, files: OpenFiles, signal: AbortSignal): Promise<void> {
    const openRival = this.#openRival;
    if (openRival !== null) {
      this.#openRival = null;
      const present = this.#readyBackend();
      const chosen = await fasterBackend(present, openRival, work, await files.openSources(sources), signal);
      if (chosen.backend === present) this.#sayReady(chosen);
      else this.#use(chosen);
    }
    this.#send({ type: "tried", job });
  }

  async #merge(command: MergeCommand, files: OpenFiles, signal: AbortSignal): Promise<void> {
    const { job, tracePath } = command;
    const gate = this.#gates.get(job) ?? null;
    const outcome = await this.#traced(tracePath, (watch) =>
      mergeFiles(command, watch, files, {
        signal,
        rest: () => this.#resting.over(),
        gate,
        onProgress: (news) => this.#send({ type: "progress", job, ...news }),
        onWritten: (ranges) => this.#send({ type: "written", job, ranges }),
      }),
    );
    this.#send({ type: "merged", job, outcome });
  }

  async #measure(
    { job, plan, sources, done, tracePath }: MeasureCommand,
    files: OpenFiles,
    signal: AbortSignal,
  ): Promise<void> {
    const { slotSize } = this.#readyBackend();
    const sourceFiles = await files.openSources(sources);
    const finished: TensorStatistics[] = [];
    const tell = (bytesRead: number) => this.#send({ type: "measuring", job, tensors: finished.splice(0), bytesRead });
    const onProgress = throttled(tell);
    const { bytesRead } = await this.#traced(tracePath, ({ backend, source }) =>
      runMeasure(
        plan,
        sourceFiles.map((opened) => opened.map(source)),
        backend,
        {
          limits: slotSize,
          signal,
          rest: () => this.#resting.over(),
          done: new Set(done),
          onTensor: (statistics) => finished.push(statistics),
          onProgress,
        },
      ),
    );
    tell(bytesRead);
    this.#send({ type: "measured", job, bytesRead });
  }

  async #inspect(
    { job, tensor, vector, sources }: InspectCommand,
    files: OpenFiles,
    signal: AbortSignal,
  ): Promise<void> {
    const inspection = await inspectTensor(tensor, vector, await files.openSources(sources), signal);
    this.#send({ type: "inspected", job, inspection });
  }

  /** Does the work with the backend and files as they are or, where a trace is wanted, with watched ones. */
  async #traced<Result>(path: string | undefined, work: (watch: Watch) => Promise<Result>): Promise<Result> {
    const backend = this.#readyBackend();
    if (path === undefined) return await work({ backend, source: (source) => source, sink: (sink) => sink });
    const trace = await TraceFile.create(path);
    const { tracer } = trace;
    try {
      return await work({
        backend: tracer.backend(backend),
        source: (source) => tracer.source(source),
        sink: (sink, name) => tracer.sink(sink, name),
      });
    } finally {
      backend.watchReadbacks?.(null);
      await trace.close();
    }
  }

  #readyBackend(): Backend {
    if (this.#backend === null) throw new StudioError({ code: "device-missing", what: "No compute device is ready" });
    return this.#backend;
  }
}

function throttled<Value>(send: (value: Value) => void): (value: Value) => void {
  let last = 0;
  return (value) => {
    const now = performance.now();
    if (now - last < progressIntervalMs) return;
    last = now;
    send(value);
  };
}
