import type { KernelExports, KernelRequest } from "../../src-core/cpu/kernel-protocol.ts";
import type { ThreadFiles } from "../../src-core/cpu/piece-reader.ts";
import { serveKernel } from "../../src-core/cpu/serve-kernel.ts";
import type { WorkerStart, WorkerStarted } from "./worker-host.ts";

/** A page's workers have Node where the window says so. It is asked for by this name because a bundler would answer `require` itself. */
const { require: requireOfNode } = globalThis as { require?: (name: "node:fs") => typeof import("node:fs") };
const node = requireOfNode?.("node:fs") ?? null;
const files: ThreadFiles | null = node && {
  read: (descriptor, destination, byteOffset) =>
    node.readSync(descriptor, destination, 0, destination.byteLength, byteOffset),
  now: () => performance.now(),
};

/** A thread of the CPU backend. The first message brings the kernels and the memory that they work in, every later one a request. */
self.onmessage = ({ data }: MessageEvent<WorkerStart>) => {
  const { exports } = new WebAssembly.Instance(data.module, { env: { memory: data.memory } });
  const parts = { kernels: exports as unknown as KernelExports, memory: data.memory.buffer, files };
  self.onmessage = (event: MessageEvent<KernelRequest>) => self.postMessage(serveKernel(parts, event.data));
  const started: WorkerStarted = { type: "started", readsFiles: files !== null };
  self.postMessage(started);
};
