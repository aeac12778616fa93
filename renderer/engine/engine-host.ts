import type { Backend } from "../../src-core/engine/backend.ts";
import { runMerge } from "../../src-core/engine/merge-pipeline.ts";
import { type EngineCommand, type EngineEvent, progressIntervalMs } from "../../src-core/engine/protocol.ts";
import { failureOf, StudioError } from "../../src-core/errors.ts";
import { copyBytes, slotInputBytes, slotOperationCount, slotOutputBytes } from "../../src-core/limits.ts";
import { createBackend } from "./create-backend.ts";
import { OpenFiles } from "./open-files.ts";

type MergeCommand = Extract<EngineCommand, { type: "merge" }>;

/** The engine window's work: one device, one job at a time, told what to do by main. */
export class EngineHost {
  readonly #send: (event: EngineEvent) => void;
  readonly #running = new Map<string, AbortController>();
  #backend: Backend | null = null;

  constructor(send: (event: EngineEvent) => void) {
    this.#send = send;
  }

  async start(): Promise<void> {
    const { backend, fallback } = await createBackend();
    this.#backend = backend;
    backend.lost.catch((error: unknown) => {
      this.#backend = null;
      this.#send({ type: "unavailable", failure: failureOf(error, "device-lost") });
    });
    this.#send({ type: "ready", kind: backend.kind, adapter: backend.adapter, fallback });
  }

  receive(command: EngineCommand): void {
    if (command.type === "cancel") {
      this.#running.get(command.job)?.abort(new StudioError({ code: "interrupted", what: "Cancelled" }));
      return;
    }
    this.#merge(command).catch((error: unknown) => {
      this.#send({ type: "failed", job: command.job, failure: failureOf(error, "device-failed") });
    });
  }

  async #merge({ job, plan, sources, outputPaths }: MergeCommand): Promise<void> {
    if (this.#backend === null) throw new StudioError({ code: "device-missing", what: "No compute device is ready" });
    const abort = new AbortController();
    this.#running.set(job, abort);
    const files = new OpenFiles();
    try {
      const sourceFiles = await files.openSources(sources);
      const sinks = await files.openSinks(outputPaths);
      const outcome = await runMerge(plan, { sources: sourceFiles, sinks }, this.#backend, {
        limits: {
          inputBytes: slotInputBytes,
          outputBytes: slotOutputBytes,
          operationCount: slotOperationCount,
          copyBytes,
        },
        signal: abort.signal,
        onProgress: throttled((progress) => this.#send({ type: "progress", job, progress })),
      });
      this.#send({ type: "merged", job, outcome });
    } finally {
      this.#running.delete(job);
      await files.close();
    }
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
