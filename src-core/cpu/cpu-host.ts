import type { KernelReply, KernelRequest } from "./kernel-protocol.ts";

/** What the CPU backend is given: this program's own way to make WebAssembly memory and threads that run the kernels over it. */
export interface CpuHost {
  /** Zeroed memory of so many pages of 64 KiB, which every thread started from now on works in. Throws where it cannot be had. */
  createMemory(pageCount: number): ArrayBufferLike;
  /** Resolves when the thread can take requests; rejects with the reason why it cannot. */
  startThread(events: ThreadEvents): Promise<KernelThread>;
}

export interface ThreadEvents {
  readonly onReply: (reply: KernelReply) => void;
  /** The thread is gone, or will not answer any more. */
  readonly onFailure: (reason: string) => void;
}

/** A thread that runs requests one after another, in the order in which they came, with `serveKernel`. */
export interface KernelThread {
  /** Whether it can read files, by the descriptors of this process. */
  readonly readsFiles: boolean;
  post(request: KernelRequest): void;
  /** Ends the thread; a request that it is running may be left unanswered. */
  stop(): void;
}
