import type { Backend } from "../../src-core/engine/backend.ts";
import type { BackendChoice, FoundGpu } from "../../src-core/engine/protocol.ts";
import { StudioError } from "../../src-core/errors.ts";

export interface ChosenBackend {
  readonly backend: Backend;
  /** It is WebGPU on a software adapter: it works, slowly. */
  readonly fallback: boolean;
  /** Why this one, for people: goes on after "because". */
  readonly because: string;
  /** What WebGPU has, where it was looked for. */
  readonly foundGpu?: FoundGpu;
  /** Opens the one that might be faster than this one, where nobody has asked for either. */
  readonly openRival?: () => Promise<Backend>;
}

/** An adapter of WebGPU, by what matters here. */
export interface Gpu {
  readonly name: string;
  /** It computes on the CPU. */
  readonly isFallback: boolean;
  /** Rejects with a StudioError when the adapter gives no device. */
  open(): Promise<Backend>;
}

/** What this machine has. */
export interface BackendSources {
  /** null where WebGPU has no adapter. */
  findGpu(): Promise<Gpu | null>;
  /** Rejects with a StudioError when this window cannot compute on the CPU. */
  openCpu(): Promise<Backend>;
}

/**
 * `auto` is the GPU where there is a real one that starts, else the CPU: its kernels are many times as fast as WebGPU in software, which is what is
 * left when they cannot run. Rejects with a StudioError when what was asked for, or anything at all, cannot be had.
 */
export async function chooseBackend(choice: BackendChoice, sources: BackendSources): Promise<ChosenBackend> {
  if (choice === "cpu") return { backend: await sources.openCpu(), fallback: false, because: "it was asked for" };
  const gpu = await sources.findGpu();
  const foundGpu = gpu === null ? { name: null, isFallback: false } : { name: gpu.name, isFallback: gpu.isFallback };
  return { ...(await chooseBeside(gpu, choice, sources)), foundGpu };
}

async function chooseBeside(
  gpu: Gpu | null,
  choice: Exclude<BackendChoice, "cpu">,
  sources: BackendSources,
): Promise<ChosenBackend> {
  if (choice === "gpu") {
    if (gpu === null) throw noGpu();
    return { backend: await gpu.open(), fallback: gpu.isFallback, because: "it was asked for" };
  }
  if (gpu === null) return onCpu(sources, "there is no GPU");
  if (gpu.isFallback) {
    return onCpu(sources, `the only GPU is software: ${gpu.name}`).catch((error: unknown) => inSoftware(gpu, error));
  }
  try {
    const because = "it is this machine's GPU";
    return { backend: await gpu.open(), fallback: false, because, openRival: () => sources.openCpu() };
  } catch (error) {
    return onCpu(sources, `the GPU does not start: ${whatOf(error)}`);
  }
}

async function onCpu({ openCpu }: BackendSources, because: string): Promise<ChosenBackend> {
  return { backend: await openCpu(), fallback: false, because };
}

async function inSoftware(gpu: Gpu, error: unknown): Promise<ChosenBackend> {
  const because = `there is no GPU, and the CPU backend does not start: ${whatOf(error)}`;
  return { backend: await gpu.open(), fallback: true, because };
}

function whatOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function noGpu(): StudioError {
  return new StudioError({
    code: "device-missing",
    what: "There is no GPU",
    expected: "a WebGPU adapter",
    actual: "none",
    advice: "Update the graphics driver, or choose the CPU",
  });
}
