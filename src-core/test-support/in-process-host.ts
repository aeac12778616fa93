import type { CpuHost } from "../cpu/cpu-host.ts";
import { type KernelExports, serveKernel } from "../cpu/kernel-protocol.ts";

/** Runs kernels where it stands, in Node or a page, a moment after they were asked for. */
export function createInProcessHost(module: WebAssembly.Module): CpuHost {
  let memory: WebAssembly.Memory;
  return {
    createMemory(pageCount) {
      memory = new WebAssembly.Memory({ initial: pageCount, maximum: pageCount, shared: true });
      return memory.buffer;
    },
    async startThread({ onReply }) {
      const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
      const kernels = exports as unknown as KernelExports;
      return { post: (request) => queueMicrotask(() => onReply(serveKernel(kernels, request))), stop: () => {} };
    },
  };
}
