import { createCpuBackend } from "../../src-core/cpu/cpu-backend.ts";
import type { Backend } from "../../src-core/engine/backend.ts";
import { requestComputeDevice } from "../../src-core/gpu/device.ts";
import { createGpuBackend } from "../../src-core/gpu/gpu-backend.ts";
import { createInProcessHost } from "../../src-core/test-support/in-process-host.ts";
import { sumTolerance } from "../../src-core/test-support/measure-check.ts";
import { runMeasureTable } from "../../src-core/test-support/measure-table.ts";
import { runNumericTable } from "../../src-core/test-support/numeric-table.ts";
import {
  tableCases,
  tableMeasureCases,
  tableSlotCount,
  tableSlotSize,
  tableWorkgroups,
} from "../../src-core/test-support/numeric-table-setup.ts";
import type { NumericTableReport } from "./report.ts";

/** Runs the tables of merging and measuring (src-core/merge.test.ts and measure.test.ts run the same) on this page's WebGPU. */
async function runOnGpu(): Promise<NumericTableReport> {
  const { device, info, measureShape } = await requestComputeDevice(navigator.gpu);
  const backend = await createGpuBackend({
    ...tableSlotSize,
    device,
    adapter: info.name,
    slotCount: tableSlotCount,
    maximumWorkgroups: tableWorkgroups,
    measureShape,
  });
  try {
    return await runOn(backend);
  } finally {
    backend.destroy();
    device.destroy();
  }
}

/** The same on its WebAssembly. */
async function runOnCpu(kernels: Uint8Array<ArrayBuffer>): Promise<NumericTableReport> {
  const host = createInProcessHost(await WebAssembly.compile(kernels));
  const backend = await createCpuBackend({ ...tableSlotSize, host, threadCount: 1, slotCount: tableSlotCount });
  return await runOn(backend);
}

async function runOn(backend: Backend): Promise<NumericTableReport> {
  const [mergeCases, measureCases] = [tableCases(), tableMeasureCases()];
  const merged = await runNumericTable(backend, tableSlotSize, mergeCases);
  const measured = await runMeasureTable(backend, tableSlotSize, measureCases, sumTolerance);
  return {
    merge: { cases: mergeCases.length, failures: merged },
    measure: { cases: measureCases.length, failures: measured },
    adapter: backend.adapter,
  };
}

Object.assign(globalThis, { numericTable: { runOnGpu, runOnCpu } });
