import type { CpuHost } from "../cpu/cpu-host.ts";
import type { KernelExports } from "../cpu/kernel-protocol.ts";
import type { ThreadFiles } from "../cpu/piece-reader.ts";
import { serveKernel } from "../cpu/serve-kernel.ts";

/** Runs kernels where it stands, in Node or a page, a moment after they were asked for. */
export function createInProcessHost(module: WebAssembly.Module, files: ThreadFiles | null = null): CpuHost {
  let memory: WebAssembly.Memory;
  return {
    createMemory(pageCount) {
      memory = new WebAssembly.Memory({ initial: pageCount, maximum: pageCount, shared: true });
      return memory.buffer;
    },
    async startThread({ onReply }) {
      const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
      const kernels = exports as unknown as KernelExports;
      const parts = { kernels, memory: memory.buffer, files };
      return {
        readsFiles: files !== null,
        post: (request) => queueMicrotask(() => onReply(serveKernel(parts, request))),
        stop: () => {},
      };
    },
  };
}
