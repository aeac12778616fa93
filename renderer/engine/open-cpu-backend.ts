import { createCpuBackend } from "../../src-core/cpu/cpu-backend.ts";
import type { Backend } from "../../src-core/engine/backend.ts";
import { StudioError } from "../../src-core/errors.ts";
import {
  cpuSlotInputBytes,
  cpuSlotOutputBytes,
  cpuSlotsPerThread,
  maximumCpuThreadCount,
  slotOperationCount,
} from "../../src-core/limits.ts";
import { createWorkerHost } from "./worker-host.ts";

/** Built beside engine.html: the kernels, for an engine with relaxed SIMD and for any, and the script of the threads that run them. */
const relaxedKernelsUrl = "./kernels-relaxed.wasm";
const kernelsUrl = "./kernels.wasm";
const workerUrl = "./cpu-worker.js";

/**
 * The CPU backend in this page's workers, one for each processor. Rejects with a StudioError: `device-missing` where the page has no
 * shared memory or the processor no WASM SIMD, `device-failed` when memory or a thread cannot be had.
 */
export async function openCpuBackend(): Promise<Backend> {
  if (!self.crossOriginIsolated) throw missing("shared memory", "a page that is not isolated");
  const module = await compileKernels();
  const threadCount = Math.max(1, Math.min(navigator.hardwareConcurrency, maximumCpuThreadCount));
  return await createCpuBackend({
    host: createWorkerHost(module, () => new Worker(workerUrl)),
    threadCount,
    slotCount: threadCount * cpuSlotsPerThread,
    inputBytes: cpuSlotInputBytes,
    outputBytes: cpuSlotOutputBytes,
    operationCount: slotOperationCount,
  });
}

/** Those that multiply and add in one step where the engine has that, as Chromium has since 114: they measure a seventh faster. */
async function compileKernels(): Promise<WebAssembly.Module> {
  try {
    return await compile(relaxedKernelsUrl);
  } catch (error) {
    if (!(error instanceof WebAssembly.CompileError)) throw error;
  }
  return await compile(kernelsUrl).catch((cause: unknown) => {
    throw missing("WASM SIMD", cause instanceof Error ? cause.message : String(cause), cause);
  });
}

async function compile(url: string): Promise<WebAssembly.Module> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${response.url} is not there`);
  return await WebAssembly.compileStreaming(response);
}

function missing(expected: string, actual: string, cause?: unknown): StudioError {
  return new StudioError(
    { code: "device-missing", what: "The CPU backend does not run here", expected, actual },
    { cause },
  );
}
