import type { Backend } from "../engine/backend.ts";
import type { SlotSize } from "../engine/check-operations.ts";
import { StudioError } from "../errors.ts";
import { fileRoundBytes } from "../limits.ts";
import type { CpuHost } from "./cpu-host.ts";
import { CpuSlot } from "./cpu-slot.ts";
import { layOutMemory } from "./memory-layout.ts";
import { ThreadPool } from "./thread-pool.ts";

export interface CpuBackendOptions extends SlotSize {
  readonly host: CpuHost;
  readonly threadCount: number;
  readonly slotCount: number;
}

/**
 * Compute on the CPU: WebAssembly SIMD in threads over one shared memory. Its results are bit for bit those of the reference.
 * `inputBytes` and `outputBytes` are multiples of 16. Memory: slotCount · (input + output), and what small tables take.
 * Rejects with a StudioError `device-failed` when the memory cannot be had or a thread does not start.
 */
export async function createCpuBackend({ host, threadCount, slotCount, ...rest }: CpuBackendOptions): Promise<Backend> {
  const { inputBytes, outputBytes, operationCount } = rest;
  const slotSize: SlotSize = { inputBytes, outputBytes, operationCount };
  const layout = layOutMemory(slotSize, slotCount, threadCount);
  const memory = createMemory(host, layout.pageCount);
  const pool = await ThreadPool.start(host, layout.scratches);
  return {
    kind: "cpu",
    adapter: `CPU, ${threadCount} ${threadCount === 1 ? "thread" : "threads"} (WASM SIMD)`,
    slotSize,
    ...(pool.readsFiles ? { fileRoundBytes } : {}),
    slots: layout.slots.map((addresses) => new CpuSlot({ memory, pool, size: slotSize }, addresses)),
    lost: pool.lost,
    destroy: () => pool.close(),
  };
}

function createMemory(host: CpuHost, pageCount: number): ArrayBufferLike {
  try {
    return host.createMemory(pageCount);
  } catch (cause) {
    const actual = cause instanceof Error ? cause.message : String(cause);
    const expected = `${pageCount} pages of 64 KiB`;
    throw new StudioError(
      { code: "device-failed", what: "There is no memory for the CPU", expected, actual },
      { cause },
    );
  }
}
