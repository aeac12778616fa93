import { StudioError } from "../errors.ts";
import { type AdapterInfo, readAdapterInfo } from "./adapter-info.ts";
import { type MeasureShape, measureShapeOnCpu, measureShapeOnGpu } from "./measure-kernel.ts";

export interface ComputeDevice {
  readonly device: GPUDevice;
  readonly info: AdapterInfo;
  /** Workgroups of one dispatch that suit it. */
  readonly maximumWorkgroups: number;
  readonly measureShape: MeasureShape;
}

/**
 * SwiftShader runs few workgroups best: on 2 cores 8 gave 1.05 GiB/s of bf16 input, 32 0.9–1.0, 128 0.75 and 1024 0.1–0.4; some more than
 * 8 for machines with more cores. A GPU wants enough to fill it.
 */
const workgroupsOnCpu = 32;
const workgroupsOnGpu = 4096;

/** An adapter that no device was asked of yet. */
export interface FoundAdapter {
  readonly adapter: GPUAdapter;
  readonly info: AdapterInfo;
}

/** The fastest adapter; null where there is none. */
export async function findAdapter(gpu: GPU | undefined): Promise<FoundAdapter | null> {
  const adapter = (await gpu?.requestAdapter({ powerPreference: "high-performance" })) ?? null;
  return adapter && { adapter, info: await readAdapterInfo(adapter) };
}

/**
 * The fastest adapter's device.
 * Rejects with a StudioError: `device-missing` without an adapter, `device-failed` when it gives no device.
 */
export async function requestComputeDevice(gpu: GPU | undefined): Promise<ComputeDevice> {
  const found = await findAdapter(gpu);
  if (found !== null) return await openDevice(found);
  throw new StudioError({
    code: "device-missing",
    what: "There is no compute device",
    expected: "a WebGPU adapter",
    actual: "none",
    advice: "Update the graphics driver, or merge on the CPU",
  });
}

/** A device with all the buffer size that the adapter has. Rejects with a StudioError `device-failed` when it gives none. */
export async function openDevice({ adapter, info }: FoundAdapter): Promise<ComputeDevice> {
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  try {
    const device = await adapter.requestDevice({ requiredLimits: { maxBufferSize, maxStorageBufferBindingSize } });
    return {
      device,
      info,
      maximumWorkgroups: info.isFallback ? workgroupsOnCpu : workgroupsOnGpu,
      measureShape: info.isFallback ? measureShapeOnCpu : measureShapeOnGpu,
    };
  } catch (cause) {
    const actual = cause instanceof Error ? cause.message : String(cause);
    throw new StudioError(
      { code: "device-failed", what: "The compute device does not start", where: info.name, actual },
      { cause },
    );
  }
}
