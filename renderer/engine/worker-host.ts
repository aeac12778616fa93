import type { CpuHost, KernelThread, ThreadEvents } from "../../src-core/cpu/cpu-host.ts";
import type { KernelReply } from "../../src-core/cpu/kernel-protocol.ts";

/** The first message to a worker (cpu-worker.ts). */
export interface WorkerStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
}

/** What the worker answers to it; every later message of its is a KernelReply. */
export interface WorkerStarted {
  readonly type: "started";
  readonly readsFiles: boolean;
}

type EngineWorker = Pick<Worker, "postMessage" | "terminate" | "onmessage" | "onerror">;

/** Threads for the CPU backend as workers, all over one shared WebAssembly memory. */
export function createWorkerHost(module: WebAssembly.Module, createWorker: () => EngineWorker): CpuHost {
  let memory: WebAssembly.Memory | null = null;
  return {
    createMemory(pageCount) {
      memory = new WebAssembly.Memory({ initial: pageCount, maximum: pageCount, shared: true });
      return memory.buffer;
    },
    startThread(events) {
      if (memory === null) throw new Error("startThread() before createMemory()");
      return startWorker(createWorker(), { module, memory }, events);
    },
  };
}

function startWorker(worker: EngineWorker, start: WorkerStart, events: ThreadEvents): Promise<KernelThread> {
  return new Promise((resolve, reject) => {
    const startedThread = ({ readsFiles }: WorkerStarted): KernelThread => ({
      readsFiles,
      post: (request) => worker.postMessage(request),
      stop: () => worker.terminate(),
    });
    worker.onmessage = ({ data }: MessageEvent<KernelReply | WorkerStarted>) => {
      if ("type" in data) resolve(startedThread(data));
      else events.onReply(data);
    };
    worker.onerror = ({ message }) => {
      worker.terminate();
      reject(new Error(message));
      events.onFailure(message);
    };
    worker.postMessage(start);
  });
}
