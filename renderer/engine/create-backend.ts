import type { Backend } from "../../src-core/engine/backend.ts";
import type { BackendChoice } from "../../src-core/engine/protocol.ts";
import { type FoundAdapter, findAdapter, openDevice } from "../../src-core/gpu/device.ts";
import { createGpuBackend } from "../../src-core/gpu/gpu-backend.ts";
import { slotCount, slotInputBytes, slotOperationCount, slotOutputBytes } from "../../src-core/limits.ts";
import { type ChosenBackend, chooseBackend } from "./choose-backend.ts";
import { openCpuBackend } from "./open-cpu-backend.ts";

export type { ChosenBackend };

/** What computes on this machine, with the rings that limits.ts fixes. Rejects with a StudioError where nothing does. */
export function createBackend(choice: BackendChoice): Promise<ChosenBackend> {
  return chooseBackend(choice, {
    findGpu: async () => {
      const found = await findAdapter(navigator.gpu);
      return found && { ...found.info, open: () => openGpuBackend(found) };
    },
    openCpu: openCpuBackend,
  });
}

async function openGpuBackend(found: FoundAdapter): Promise<Backend> {
  const { device, info, maximumWorkgroups, measureShape } = await openDevice(found);
  return await createGpuBackend({
    device,
    adapter: info.name,
    maximumWorkgroups,
    measureShape,
    slotCount,
    inputBytes: slotInputBytes,
    outputBytes: slotOutputBytes,
    operationCount: slotOperationCount,
  });
}
