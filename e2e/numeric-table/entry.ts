import { requestComputeDevice } from "../../src-core/gpu/device.ts";
import { createGpuBackend } from "../../src-core/gpu/gpu-backend.ts";
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
async function run(): Promise<NumericTableReport> {
  const { device, info, measureShape } = await requestComputeDevice(navigator.gpu);
  const [mergeCases, measureCases] = [tableCases(), tableMeasureCases()];
  const backend = await createGpuBackend({
    ...tableSlotSize,
    device,
    adapter: info.name,
    slotCount: tableSlotCount,
    maximumWorkgroups: tableWorkgroups,
    measureShape,
  });
  try {
    const merged = await runNumericTable(backend, tableSlotSize, mergeCases);
    const measured = await runMeasureTable(backend, tableSlotSize, measureCases, sumTolerance);
    return {
      merge: { cases: mergeCases.length, failures: merged },
      measure: { cases: measureCases.length, failures: measured },
      adapter: info.name,
    };
  } finally {
    backend.destroy();
    device.destroy();
  }
}

Object.assign(globalThis, { numericTable: { run } });
