import { setFlagsFromString } from "node:v8";
import { Worker as NodeWorker } from "node:worker_threads";
import { build } from "vite";
import { compileKernels } from "../../build/compile-kernels.mjs";
import { createWorkerHost } from "../../renderer/engine/worker-host.ts";
import type { CpuHost } from "../cpu/cpu-host.ts";
import { createInProcessHost } from "./in-process-host.ts";

const compiled = new Map<boolean, Promise<WebAssembly.Module>>();

/** The kernels, compiled from their sources; once in a test file. Node 20 has relaxed SIMD, but not yet without being asked. */
export function compiledKernels(relaxed = false): Promise<WebAssembly.Module> {
  if (relaxed) setFlagsFromString("--experimental-wasm-relaxed-simd");
  const module = compiled.get(relaxed) ?? compileKernels({ relaxed }).then((bytes) => WebAssembly.compile(bytes));
  compiled.set(relaxed, module);
  return module;
}

export async function inProcessHost(relaxed = false): Promise<CpuHost> {
  return createInProcessHost(await compiledKernels(relaxed));
}

/** What a worker's script finds in a page's worker, made of what Node's threads have. */
const workerScope = `
  const { parentPort } = require("node:worker_threads");
  globalThis.self = { onmessage: null, postMessage: (message) => parentPort.postMessage(message) };
  parentPort.on("message", (data) => self.onmessage({ data }));
`;

/** Runs kernels in Node's threads, with the host and the script that the engine window has for its workers. */
export async function workerThreadsHost(): Promise<CpuHost> {
  const script = workerScope + (await bundleWorker());
  return createWorkerHost(await compiledKernels(), () => createNodeWorker(script));
}

function createNodeWorker(script: string): Pick<Worker, "postMessage" | "terminate" | "onmessage" | "onerror"> {
  const thread = new NodeWorker(script, { eval: true });
  const worker = {
    onmessage: null as ((event: { data: unknown }) => void) | null,
    onerror: null as ((event: { message: string }) => void) | null,
    postMessage: (message: unknown) => thread.postMessage(message),
    terminate: () => void thread.terminate(),
  };
  thread.on("message", (data) => worker.onmessage?.({ data }));
  thread.on("error", ({ message }) => worker.onerror?.({ message }));
  return worker as Pick<Worker, "postMessage" | "terminate" | "onmessage" | "onerror">;
}

async function bundleWorker(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: "warn",
    publicDir: false,
    build: {
      write: false,
      minify: false,
      lib: { entry: "renderer/engine/cpu-worker.ts", formats: ["iife"], name: "worker" },
    },
  });
  const [bundle] = Array.isArray(result) ? result : [result];
  if (bundle === undefined || !("output" in bundle)) throw new Error("the worker was not bundled");
  return bundle.output[0].code;
}
