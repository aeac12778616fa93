import { afterAll, describe, expect, it } from "vitest";
import type { MergeableDtype } from "./checkpoint/dtype.ts";
import { createCpuBackend } from "./cpu/cpu-backend.ts";
import type { Backend } from "./engine/backend.ts";
import type { SlotSize } from "./engine/check-operations.ts";
import { requestComputeDevice } from "./gpu/device.ts";
import { createGpuBackend } from "./gpu/gpu-backend.ts";
import { type MeasureShape, measureShapeOnGpu } from "./gpu/measure-kernel.ts";
import { slotCount, slotInputBytes, slotOutputBytes } from "./limits.ts";
import { inProcessHost, workerThreadsHost } from "./test-support/cpu-hosts.ts";
import { findDawnGpu } from "./test-support/dawn.ts";
import { type MeasureCase, operandsOf } from "./test-support/measure-case.ts";
import { sumTolerance } from "./test-support/measure-check.ts";
import { measureLargeTensor } from "./test-support/measure-large.ts";
import { runMeasureTable } from "./test-support/measure-table.ts";
import {
  tableMeasureCases,
  tableSlotCount,
  tableSlotSize,
  tableWorkgroups,
} from "./test-support/numeric-table-setup.ts";
import { createReferenceBackend } from "./test-support/reference-backend.ts";

const gpu = await findDawnGpu();
const cases = tableMeasureCases();
const wholeSlots: SlotSize = { inputBytes: slotInputBytes, outputBytes: slotOutputBytes, operationCount: 256 };
const cpuSlots: SlotSize = { inputBytes: 1 << 20, outputBytes: 1 << 19, operationCount: 256 };
/** Four times what 32 additions in f32 cost, after which its sums go on in f64: src-core/cpu/kernels/tile-sums.ts. */
const cpuTolerance = 2 ** -16.9;

interface Candidate {
  readonly name: string;
  readonly size: SlotSize;
  readonly tolerance: number;
  readonly isMissing?: boolean;
  /** Of the table; all unless given. */
  readonly cases?: readonly MeasureCase[];
  /** Has the speed and the slots for 2^26 elements. */
  readonly isLarge?: boolean;
  create(): Promise<Backend>;
}

const candidates: readonly Candidate[] = [
  {
    name: "the reference",
    size: tableSlotSize,
    tolerance: 1e-12,
    create: async () => createReferenceBackend({ ...tableSlotSize, slotCount: tableSlotCount }),
  },
  {
    name: "Dawn with small slots and few workgroups",
    size: tableSlotSize,
    tolerance: sumTolerance,
    isMissing: gpu === null,
    create: () => createDawnBackend(tableSlotSize, tableSlotCount, tableWorkgroups),
  },
  {
    name: "Dawn with the application's slots",
    size: wholeSlots,
    tolerance: sumTolerance,
    isMissing: gpu === null,
    isLarge: true,
    create: () => createDawnBackend(wholeSlots, slotCount),
  },
  {
    name: "Dawn, its work cut as for a GPU",
    size: tableSlotSize,
    tolerance: sumTolerance,
    isMissing: gpu === null,
    // Compiling these kernels takes SwiftShader seconds for each mix of dtypes.
    cases: cases.filter((each) => isOf("BF16", each) || isOf("F32", each)),
    create: () => createDawnBackend(tableSlotSize, tableSlotCount, tableWorkgroups, measureShapeOnGpu),
  },
  {
    name: "the CPU backend, where it stands",
    size: tableSlotSize,
    tolerance: cpuTolerance,
    create: async () =>
      createCpuBackend({ ...tableSlotSize, host: await inProcessHost(), threadCount: 1, slotCount: tableSlotCount }),
  },
  {
    name: "the CPU backend with relaxed SIMD",
    size: tableSlotSize,
    tolerance: cpuTolerance,
    create: async () =>
      createCpuBackend({
        ...tableSlotSize,
        host: await inProcessHost(true),
        threadCount: 1,
        slotCount: tableSlotCount,
      }),
  },
  {
    name: "the CPU backend in two threads",
    size: cpuSlots,
    tolerance: cpuTolerance,
    isLarge: true,
    create: async () =>
      createCpuBackend({ ...cpuSlots, host: await workerThreadsHost(), threadCount: 2, slotCount: 6 }),
  },
];

function isOf(dtype: MergeableDtype, each: MeasureCase): boolean {
  return each.target !== null && operandsOf(each).every((elements) => elements.dtype === dtype);
}

/** One device for all: it compiles a pipeline once, and hands it out while someone holds it. */
let dawnDevice: ReturnType<typeof requestComputeDevice> | undefined;

async function createDawnBackend(
  size: SlotSize,
  slots: number,
  workgroups?: number,
  shape?: MeasureShape,
): Promise<Backend> {
  dawnDevice ??= requestComputeDevice(gpu ?? undefined);
  const { device, info, maximumWorkgroups, measureShape } = await dawnDevice;
  return createGpuBackend({
    ...size,
    device,
    adapter: info.name,
    slotCount: slots,
    maximumWorkgroups: workgroups ?? maximumWorkgroups,
    measureShape: shape ?? measureShape,
  });
}

describe.each(candidates)("$name", (candidate) => {
  const { size, tolerance, isMissing = false, isLarge = false, create } = candidate;
  const own = candidate.cases ?? cases;
  let created: Promise<Backend> | undefined;
  const backend = () => {
    created ??= create();
    return created;
  };
  afterAll(async () => (await created)?.destroy());

  it.skipIf(isMissing)(`measures ${own.length} cases`, { timeout: 180_000 }, async () => {
    expect(await runMeasureTable(await backend(), size, own, tolerance)).toEqual([]);
  });

  if (isLarge) {
    it.skipIf(isMissing)("measures 2^26 elements in chunks", { timeout: 180_000 }, async () => {
      expect(await measureLargeTensor(await backend(), tolerance)).toBeNull();
    });
  }
});
