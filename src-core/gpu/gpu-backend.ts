import type { Backend, ReadbackWatch } from "../engine/backend.ts";
import type { SlotSize } from "../engine/check-operations.ts";
import { StudioError } from "../errors.ts";
import { DeviceGuard } from "./device-guard.ts";
import { inErrorScopes } from "./error-scopes.ts";
import { GpuSlot } from "./gpu-slot.ts";
import { deferredTilesBytes, MeasureKernel, type MeasureShape } from "./measure-kernel.ts";
import { largestTileCount } from "./measure-table.ts";
import { MergeKernel } from "./merge-kernel.ts";

export interface GpuBackendOptions extends SlotSize {
  /** Stays the caller's: `destroy` gives up the backend's buffers, not the device. */
  readonly device: GPUDevice;
  /** Name of the adapter for people. */
  readonly adapter: string;
  readonly slotCount: number;
  /** Workgroups of one dispatch, at most; the kernels stride over the rest. */
  readonly maximumWorkgroups: number;
  readonly measureShape: MeasureShape;
}

/**
 * Compute on WebGPU. `inputBytes` and `outputBytes` are multiples of 16. Device memory: slotCount · (input + output), as much again that
 * is mapped into this process, and outputBytes / 4 for the list of deferred groups.
 * Rejects with a StudioError `device-failed` when the buffers cannot be had, `device-lost` when the device is gone.
 */
export async function createGpuBackend(options: GpuBackendOptions): Promise<Backend> {
  const { device, adapter, slotCount, maximumWorkgroups, measureShape, inputBytes, outputBytes, operationCount } =
    options;
  const size: SlotSize = { inputBytes, outputBytes, operationCount };
  checkLimits(device, size);
  const guard = new DeviceGuard(device);
  const { value, failure } = inErrorScopes(device, "creating buffers", () => {
    const kernel = new MergeKernel(device, maximumWorkgroups);
    const measureKernel = new MeasureKernel(device, maximumWorkgroups, measureShape);
    const deferredBytes = Math.max(
      outputBytes / 4,
      deferredTilesBytes(largestTileCount(size, measureKernel.tileElements)),
    );
    const deferred = device.createBuffer({
      size: deferredBytes,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST,
    });
    const context = { device, guard, kernel, measureKernel, size, deferred };
    return { slots: Array.from({ length: slotCount }, () => new GpuSlot(context)), deferred };
  });
  const destroy = () => {
    guard.close();
    for (const slot of value.slots) slot.destroy();
    value.deferred.destroy();
  };
  const refused = await guard.wait("creating buffers", failure);
  if (refused !== null) {
    destroy();
    throw refused;
  }
  const watchReadbacks = (watch: ReadbackWatch | null) => {
    value.slots.forEach((slot, index) => {
      slot.onReadback = watch && ((done) => watch(index, done));
    });
  };
  return { kind: "gpu", adapter, slotSize: size, slots: value.slots, lost: guard.lost, watchReadbacks, destroy };
}

function checkLimits(device: GPUDevice, { inputBytes, outputBytes }: SlotSize): void {
  const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
  const allowed = Math.min(maxBufferSize, maxStorageBufferBindingSize);
  if (Math.max(inputBytes, outputBytes) <= allowed) return;
  throw new StudioError({
    code: "device-failed",
    what: "The compute device's buffers are too small",
    expected: `${Math.max(inputBytes, outputBytes)} bytes`,
    actual: `at most ${allowed} bytes`,
  });
}
