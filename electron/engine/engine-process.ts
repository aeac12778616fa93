import { randomUUID } from "node:crypto";
import { EventEmitter } from "node:events";
import { setTimeout } from "node:timers/promises";
import { BrowserWindow, MessageChannelMain, type MessagePortMain } from "electron";
import type { FileRange } from "../../src-core/engine/file-ranges.ts";
import type { TensorInspection } from "../../src-core/engine/inspect-tensor.ts";
import type { MergeOutcome } from "../../src-core/engine/merge-pipeline.ts";
import type { BackendChoice, EngineCommand, EngineEvent, FoundGpu } from "../../src-core/engine/protocol.ts";
import { type Failure, StudioError } from "../../src-core/errors.ts";
import type { TensorStatistics } from "../../src-core/statistics/tensor-statistics.ts";
import type { EngineState } from "../api/environment.ts";
import { scheme } from "../closed/app-scheme.ts";
import { isDevelopment } from "../start/development.ts";
import { parseEngineEvent } from "./engine-event-schema.ts";
import type { FollowedBytes } from "./followed-bytes.ts";
import { giveWay } from "./give-way.ts";

const engineUrl = `${scheme}://engine/engine.html`;

/** A pointer that moves tells of it hundreds of times in a second. */
const restNewsMs = 40;

/** Nobody waits longer for a driver that hangs before the program ends. */
const longestStartMs = 5000;

type JobCommand = Extract<EngineCommand, { readonly sources: unknown }>;

export type MergeCommand = Omit<Extract<EngineCommand, { type: "merge" }>, "type" | "followedBytes">;

export type MeasureCommand = Omit<Extract<EngineCommand, { type: "measure" }>, "type">;

export type TryCommand = Omit<Extract<EngineCommand, { type: "try" }>, "type" | "job">;

export type InspectCommand = Omit<Extract<EngineCommand, { type: "inspect" }>, "type">;

export interface MeasureCallbacks {
  readonly signal: AbortSignal;
  readonly onTensors: (tensors: readonly TensorStatistics[], bytesRead: number) => void;
}

/** What was done since the last time (protocol.ts). */
export type MergeNews = Pick<Extract<EngineEvent, { type: "progress" }>, "progress" | "before">;

export interface MergeCallbacks {
  readonly signal: AbortSignal;
  readonly onProgress: (news: MergeNews) => void;
  /** What was written since the last time; all of it, unless the engine dies. */
  readonly onWritten: (ranges: readonly FileRange[]) => void;
  /** How far that is followed: writing waits where it gets too far ahead. */
  readonly followed: FollowedBytes;
}

/** What becomes of a job; what comes while it runs goes to `onEvent`. */
interface RunningJob {
  readonly onEvent: (event: EngineEvent) => void;
  readonly resolve: (event: EngineEvent) => void;
  readonly reject: (error: Error) => void;
}

const starting: EngineState = {
  status: "starting",
  kind: null,
  adapter: null,
  fallback: false,
  because: null,
  failure: null,
};

/** The hidden window that reads, computes and writes, as main sees it. Started at first need, and again after it died. */
export class EngineProcess extends EventEmitter<{ state: [EngineState]; foundGpu: [FoundGpu] }> {
  /** What is to compute, from the next start on. */
  backend: BackendChoice = "auto";
  /** Whether people are at a window meanwhile, which goes before it. */
  givesWay = false;
  #window: BrowserWindow | null = null;
  #port: MessagePortMain | null = null;
  #state: EngineState = starting;
  /** The present engine's: it tries once. */
  #hasTried = false;
  #toldToRestAt = Number.NEGATIVE_INFINITY;
  readonly #jobs = new Map<string, RunningJob>();

  get state(): EngineState {
    return this.#state;
  }

  start(): void {
    if (this.#window !== null) return;
    this.#hasTried = false;
    this.#setState(starting);
    const window = new BrowserWindow({
      show: false,
      paintWhenInitiallyHidden: false,
      webPreferences: {
        nodeIntegration: true,
        // The CPU's threads read files by themselves. They run one script of the application's own.
        nodeIntegrationInWorker: true,
        contextIsolation: false,
        sandbox: false,
        backgroundThrottling: false,
        webviewTag: false,
        spellcheck: false,
        devTools: isDevelopment(),
      },
    });
    this.#window = window;
    const { port1, port2 } = new MessageChannelMain();
    port1.on("message", ({ data }) => {
      const event = parseEngineEvent(data);
      if (event !== null) this.#receive(event);
      else this.#died(window, "it said what no engine says");
    });
    port1.start();
    this.#port = port1;
    this.#post({ type: "start", backend: this.backend });
    window.webContents.once("did-finish-load", () => window.webContents.postMessage("engine-port", null, [port2]));
    window.webContents.on("render-process-gone", (_event, { reason }) => this.#died(window, reason));
    window.loadURL(engineUrl).catch((error: unknown) => this.#died(window, String(error)));
  }

  /** What is to compute from now on: the engine starts anew. What runs fails; whoever calls sees to it that nothing does. */
  choose(backend: BackendChoice): void {
    if (this.backend === backend) return;
    this.backend = backend;
    // Not before its first need; but one that failed may be all right now.
    if (this.#window === null && this.#state.status !== "failed") return;
    this.#abandon();
    const failure: Failure = { code: "device-lost", what: "The engine was started anew, to compute on something else" };
    for (const job of this.#jobs.values()) job.reject(new StudioError(failure));
    this.start();
  }

  /** From now on this kind of device computes; one of the other kind that runs idle is stopped. */
  insistOn(kind: "gpu" | "cpu"): void {
    this.backend = kind;
    if (this.#state.status === "ready" && this.#state.kind !== kind) this.#abandon();
  }

  /** Resolves when the engine can compute; rejects with the reason when it cannot. */
  ready(): Promise<EngineState> {
    this.start();
    return new Promise((resolve, reject) => {
      const settle = (state: EngineState) => {
        if (state.status === "starting") return;
        this.off("state", settle);
        if (state.status === "ready") resolve(state);
        else reject(new StudioError(state.failure ?? { code: "device-missing", what: "No compute device" }));
      };
      this.on("state", settle);
      settle(this.#state);
    });
  }

  /**
   * Before a long job, where nobody has asked for a backend and there are two: takes a second to find out which is faster at it. From then on that
   * one computes. Rejects when there is none, or with the signal's reason: what else fails will fail in the job, which knows what to do.
   */
  async tryBackends(command: TryCommand, signal: AbortSignal): Promise<void> {
    const { kind, fallback } = await this.ready();
    if (this.backend !== "auto" || kind !== "gpu" || fallback || this.#hasTried) return;
    this.#hasTried = true;
    try {
      const job = randomUUID();
      await this.#run(
        job,
        () => ({ type: "try", job, ...command }),
        signal,
        () => {},
      );
    } catch {
      signal.throwIfAborted();
    }
  }

  /** Runs one merge. Rejects with a StudioError; when `signal` aborts, once the engine has come to rest. */
  async merge(command: MergeCommand, callbacks: MergeCallbacks): Promise<MergeOutcome> {
    const { signal, onProgress, onWritten, followed } = callbacks;
    const { job } = command;
    let stopTelling = () => {};
    const begin = () => {
      stopTelling = followed.listen((bytes) => this.#port?.postMessage({ type: "followed", job, bytes }));
      return { type: "merge", ...command, followedBytes: followed.bytes } as const;
    };
    try {
      const done = await this.#run(job, begin, signal, (event) => {
        if (event.type === "progress") onProgress(event);
        else if (event.type === "written") onWritten(event.ranges);
      });
      if (done.type !== "merged") throw new Error(`a merge ended with ${done.type}`);
      return done.outcome;
    } finally {
      stopTelling();
    }
  }

  /** Runs one measuring pass and returns the bytes read. Rejects as `merge` does; tensors told by then are good. */
  async measure(command: MeasureCommand, { signal, onTensors }: MeasureCallbacks): Promise<number> {
    const done = await this.#run(
      command.job,
      () => ({ type: "measure", ...command }),
      signal,
      (event) => {
        if (event.type === "measuring") onTensors(event.tensors, event.bytesRead);
      },
    );
    if (done.type !== "measured") throw new Error(`a measuring pass ended with ${done.type}`);
    return done.bytesRead;
  }

  /** Looks at one tensor, beside whatever else runs. */
  async inspect(command: InspectCommand, signal: AbortSignal): Promise<TensorInspection> {
    const done = await this.#run(
      command.job,
      () => ({ type: "inspect", ...command }),
      signal,
      () => {},
    );
    if (done.type !== "inspected") throw new Error(`an inspection ended with ${done.type}`);
    return done.inspection;
  }

  /** `begin` gives the command, at the moment at which it is sent. */
  async #run(
    job: string,
    begin: () => JobCommand,
    signal: AbortSignal,
    onEvent: (event: EngineEvent) => void,
  ): Promise<EngineEvent> {
    await this.ready();
    signal.throwIfAborted();
    const cancel = () => this.#post({ type: "cancel", job });
    signal.addEventListener("abort", cancel, { once: true });
    try {
      return await new Promise<EngineEvent>((resolve, reject) => {
        this.#jobs.set(job, { onEvent, resolve, reject });
        this.#post(begin());
      });
    } finally {
      this.#jobs.delete(job);
      signal.removeEventListener("abort", cancel);
    }
  }

  /** Somebody is at a window: where processors compute, which most likely draw it as well, what runs rests for a moment (renderer/engine/resting.ts). */
  rest(): void {
    const { kind, fallback } = this.#state;
    if (this.#jobs.size === 0 || this.#port === null || (kind === "gpu" && !fallback)) return;
    const now = performance.now();
    if (now - this.#toldToRestAt < restNewsMs) return;
    this.#toldToRestAt = now;
    this.#post({ type: "rest" });
  }

  get isStarting(): boolean {
    return this.#window !== null && this.#state.status === "starting";
  }

  /**
   * Resolves when it is not starting any more, or has taken too long. To be waited for before the program ends: Electron 25 may hang, or throw, where it
   * ends while a page is loading.
   */
  async settled(): Promise<void> {
    if (!this.isStarting) return;
    const tooLong = new AbortController();
    await Promise.race([
      this.ready().catch(() => undefined),
      setTimeout(longestStartMs, undefined, { signal: tooLong.signal }).catch(() => undefined),
    ]);
    tooLong.abort();
  }

  stop(): void {
    this.#window?.destroy();
    this.#window = null;
  }

  #post(command: EngineCommand): void {
    if (this.#port === null) throw new StudioError({ code: "device-lost", what: "The engine is not running" });
    this.#port.postMessage(command);
  }

  #receive(event: EngineEvent): void {
    switch (event.type) {
      case "ready":
        if (this.givesWay && this.#window !== null) giveWay(this.#window.webContents.getOSProcessId());
        if (event.foundGpu !== undefined) this.emit("foundGpu", event.foundGpu);
        this.#setState({ ...event, status: "ready", failure: null });
        break;
      case "unavailable":
        this.#fail(event.failure);
        break;
      case "progress":
      case "written":
      case "measuring":
        this.#jobs.get(event.job)?.onEvent(event);
        break;
      case "merged":
      case "measured":
      case "inspected":
      case "tried":
        this.#jobs.get(event.job)?.resolve(event);
        break;
      case "failed":
        this.#jobs.get(event.job)?.reject(new StudioError(event.failure));
        break;
    }
  }

  #died(window: BrowserWindow, reason: string): void {
    if (this.#window !== window) return;
    this.#fail({ code: "device-lost", what: "The engine stopped", actual: reason });
  }

  #fail(failure: Failure): void {
    this.#abandon();
    this.#setState({ ...starting, status: "failed", failure });
    // Its own news of them would come through the port that has just been closed.
    for (const job of this.#jobs.values()) job.reject(new StudioError(failure));
  }

  /** A lost device needs a new renderer process; the next `ready` makes one. */
  #abandon(): void {
    const window = this.#window;
    this.#window = null;
    this.#port?.close();
    this.#port = null;
    if (window !== null && !window.isDestroyed()) window.destroy();
  }

  #setState(state: EngineState): void {
    this.#state = {
      status: state.status,
      kind: state.kind,
      adapter: state.adapter,
      fallback: state.fallback,
      because: state.because,
      failure: state.failure,
    };
    this.emit("state", this.#state);
  }
}
