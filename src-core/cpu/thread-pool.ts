import { StudioError } from "../errors.ts";
import type { CpuHost, KernelThread } from "./cpu-host.ts";
import type { ComputeRequest, KernelFilesRequest, KernelReply } from "./kernel-protocol.ts";

interface PoolThread {
  readonly thread: KernelThread;
  readonly scratch: number;
  /** Requests that it has not answered yet. */
  readonly waiting: Map<number, Waiting>;
}

interface Waiting {
  readonly resolve: (reply: KernelReply) => void;
  readonly reject: (failure: Error) => void;
}

type ThreadWork = Omit<ComputeRequest, "id" | "scratch"> | Omit<KernelFilesRequest, "id" | "scratch">;

/** The threads of a CPU backend. Each request goes at once to the thread with the least to do: none waits for the reply to travel. */
export class ThreadPool {
  /** Rejects with `device-lost` when a thread dies; stays pending after `close`. */
  readonly lost: Promise<never>;
  readonly #threads: PoolThread[] = [];
  #reportLoss: (failure: StudioError) => void = () => {};
  #failure: StudioError | null = null;
  #nextId = 0;

  private constructor() {
    this.lost = new Promise<never>((_, reject) => {
      this.#reportLoss = reject;
    });
    // Whoever listens to `lost` is told; nobody having to is no unhandled rejection.
    this.lost.catch(() => {});
  }

  /** Starts a thread for each scratch. Rejects with a StudioError `device-failed` where one does not start. */
  static async start(host: CpuHost, scratches: readonly number[]): Promise<ThreadPool> {
    const pool = new ThreadPool();
    const started = await Promise.allSettled(scratches.map((scratch) => pool.#startThread(host, scratch)));
    const refused = started.find((each) => each.status === "rejected");
    if (refused === undefined) return pool;
    pool.close();
    throw new StudioError({
      code: "device-failed",
      what: "A thread for merging on the CPU does not start",
      actual: refused.reason instanceof Error ? refused.reason.message : String(refused.reason),
    });
  }

  /** Whether every thread can read files. */
  get readsFiles(): boolean {
    return this.#threads.every(({ thread }) => thread.readsFiles);
  }

  /** Resolves when the kernel has run, or failed to read. Rejects with a StudioError when its thread died, or with what the kernel threw. */
  run(request: ThreadWork): Promise<KernelReply> {
    return new Promise((resolve, reject) => {
      const [first] = this.#threads;
      if (this.#failure !== null || first === undefined) {
        reject(this.#failure ?? new Error("a pool without threads"));
        return;
      }
      const { thread, scratch, waiting } = this.#threads.reduce((idlest, each) =>
        each.waiting.size < idlest.waiting.size ? each : idlest,
      );
      const id = this.#nextId++;
      waiting.set(id, { resolve, reject });
      thread.post({ ...request, id, scratch });
    });
  }

  /** From now on everything fails; for an owner who has no more use for the threads. */
  close(): void {
    this.#fail(threadLost("closed by the program"));
  }

  async #startThread(host: CpuHost, scratch: number): Promise<void> {
    const waiting = new Map<number, Waiting>();
    const thread = await host.startThread({
      onReply: (reply) => settle(waiting, reply),
      onFailure: (reason) => this.#lose(reason),
    });
    this.#threads.push({ thread, scratch, waiting });
  }

  #lose(reason: string): void {
    if (this.#failure !== null) return;
    const failure = threadLost(reason);
    this.#fail(failure);
    this.#reportLoss(failure);
  }

  #fail(failure: StudioError): void {
    this.#failure ??= failure;
    for (const { thread, waiting } of this.#threads.splice(0)) {
      thread.stop();
      for (const { reject } of waiting.values()) reject(this.#failure);
    }
  }
}

function settle(waiting: Map<number, Waiting>, reply: KernelReply): void {
  const { id, failure, failedRead } = reply;
  const request = waiting.get(id);
  waiting.delete(id);
  if (failure === null || failedRead !== undefined) request?.resolve(reply);
  else request?.reject(new Error(`a kernel failed: ${failure}`));
}

function threadLost(reason: string): StudioError {
  return new StudioError({ code: "device-lost", what: "A thread that computes stopped", actual: reason });
}
