import { type KernelExports, type KernelRequest, serveKernel } from "../../src-core/cpu/kernel-protocol.ts";
import { type WorkerStart, workerStarted } from "./worker-host.ts";

/** A thread of the CPU backend. The first message brings the kernels and the memory that they work in, every later one a request. */
self.onmessage = ({ data }: MessageEvent<WorkerStart>) => {
  const { exports } = new WebAssembly.Instance(data.module, { env: { memory: data.memory } });
  const kernels = exports as unknown as KernelExports;
  self.onmessage = (event: MessageEvent<KernelRequest>) => self.postMessage(serveKernel(kernels, event.data));
  self.postMessage(workerStarted);
};
