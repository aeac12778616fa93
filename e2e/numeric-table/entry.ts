import { requestComputeDevice } from "../../src-core/gpu/device.ts";
import { createGpuBackend } from "../../src-core/gpu/gpu-backend.ts";
import { runNumericTable } from "../../src-core/test-support/numeric-table.ts";
import {
  tableCases,
  tableSlotCount,
  tableSlotSize,
  tableWorkgroups,
} from "../../src-core/test-support/numeric-table-setup.ts";
import type { NumericTableReport } from "./report.ts";

/** Runs the numeric table (src-core/merge.test.ts runs the same) on this page's WebGPU. */
async function run(): Promise<NumericTableReport> {
  const { device, info } = await requestComputeDevice(navigator.gpu);
  const cases = tableCases();
  const backend = await createGpuBackend({
    ...tableSlotSize,
    device,
    adapter: info.name,
    slotCount: tableSlotCount,
    maximumWorkgroups: tableWorkgroups,
  });
  try {
    const failures = await runNumericTable(backend, tableSlotSize, cases);
    return { cases: cases.length, failures, adapter: info.name };
  } finally {
    backend.destroy();
    device.destroy();
  }
}

Object.assign(globalThis, { numericTable: { run } });
