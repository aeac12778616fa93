import { afterAll, describe, expect, it } from "vitest";
import { createCpuBackend } from "./cpu/cpu-backend.ts";
import type { Backend } from "./engine/backend.ts";
import type { SlotSize } from "./engine/check-operations.ts";
import { requestComputeDevice } from "./gpu/device.ts";
import { createGpuBackend } from "./gpu/gpu-backend.ts";
import { slotCount, slotInputBytes, slotOutputBytes } from "./limits.ts";
import { inProcessHost, workerThreadsHost } from "./test-support/cpu-hosts.ts";
import { findDawnGpu } from "./test-support/dawn.ts";
import { runNumericTable } from "./test-support/numeric-table.ts";
import { tableCases, tableSlotCount, tableSlotSize, tableWorkgroups } from "./test-support/numeric-table-setup.ts";
import { createReferenceBackend } from "./test-support/reference-backend.ts";
import { checkAgainstReference } from "./test-support/reference-check.ts";

const gpu = await findDawnGpu();
const cases = tableCases();
const wholeSlots: SlotSize = { inputBytes: slotInputBytes, outputBytes: slotOutputBytes, operationCount: 256 };
const cpuSlots: SlotSize = { inputBytes: 1 << 20, outputBytes: 1 << 19, operationCount: 256 };

interface Candidate {
  readonly name: string;
  readonly size: SlotSize;
  readonly isMissing?: boolean;
  /** Held to the reference's bits too, not only to the contract. */
  readonly isExact?: boolean;
  create(): Promise<Backend>;
}

const candidates: readonly Candidate[] = [
  {
    name: "the reference",
    size: tableSlotSize,
    create: async () => createReferenceBackend({ ...tableSlotSize, slotCount: tableSlotCount }),
  },
  {
    name: "Dawn with small slots and few workgroups",
    size: tableSlotSize,
    isMissing: gpu === null,
    create: () => createDawnBackend(tableSlotSize, tableSlotCount, tableWorkgroups),
  },
  {
    name: "Dawn with the application's slots",
    size: wholeSlots,
    isMissing: gpu === null,
    create: () => createDawnBackend(wholeSlots, slotCount),
  },
  {
    name: "the CPU backend, where it stands",
    size: tableSlotSize,
    isExact: true,
    create: async () =>
      createCpuBackend({ ...tableSlotSize, host: await inProcessHost(), threadCount: 1, slotCount: tableSlotCount }),
  },
  {
    name: "the CPU backend in two threads",
    size: cpuSlots,
    isExact: true,
    create: async () =>
      createCpuBackend({ ...cpuSlots, host: await workerThreadsHost(), threadCount: 2, slotCount: 6 }),
  },
];

/** One device for all: it compiles a pipeline once, and hands it out while someone holds it. */
let dawnDevice: ReturnType<typeof requestComputeDevice> | undefined;

async function createDawnBackend(size: SlotSize, slots: number, workgroups?: number): Promise<Backend> {
  dawnDevice ??= requestComputeDevice(gpu ?? undefined);
  const { device, info, maximumWorkgroups, measureShape } = await dawnDevice;
  const adapter = info.name;
  return createGpuBackend({
    ...size,
    device,
    adapter,
    slotCount: slots,
    maximumWorkgroups: workgroups ?? maximumWorkgroups,
    measureShape,
  });
}

describe.each(candidates)("$name", ({ size, isMissing = false, isExact = false, create }) => {
  let backend: Backend | undefined;
  afterAll(() => backend?.destroy());

  it.skipIf(isMissing)(
    `merges all ${cases.length} numeric cases within the contract`,
    { timeout: 180_000 },
    async () => {
      backend = await create();
      expect(await runNumericTable(backend, size, cases)).toEqual([]);
    },
  );

  it.runIf(isExact)("merges them to the reference's bits", async () => {
    backend ??= await create();
    expect(await runNumericTable(backend, size, cases, checkAgainstReference)).toEqual([]);
  });
});
