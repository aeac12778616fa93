import { bytesPerElement } from "../checkpoint/dtype.ts";
import type { MergeOperation, MergeResult, Slot } from "../engine/backend.ts";
import { checkOperations, type SlotSize } from "../engine/check-operations.ts";
import { readNewNonFinite, type SlotAddresses, writeOperations } from "./operation-table.ts";
import type { ThreadPool } from "./thread-pool.ts";

export interface CpuSlotContext {
  readonly memory: ArrayBufferLike;
  readonly pool: ThreadPool;
  readonly size: SlotSize;
}

type SlotState = "idle" | "prepared" | "merging";

/** One place of the ring in the memory that the threads share: files are read straight into it, and written straight from it. */
export class CpuSlot implements Slot {
  readonly #context: CpuSlotContext;
  readonly #addresses: SlotAddresses;
  readonly #input: Uint8Array;
  #state: SlotState = "idle";

  constructor(context: CpuSlotContext, addresses: SlotAddresses) {
    this.#context = context;
    this.#addresses = addresses;
    this.#input = new Uint8Array(context.memory, addresses.input, context.size.inputBytes);
  }

  async prepare(): Promise<Uint8Array> {
    if (this.#state === "merging") throw new Error("prepare() while merging");
    this.#state = "prepared";
    return this.#input;
  }

  async merge(operations: readonly MergeOperation[]): Promise<MergeResult> {
    if (this.#state !== "prepared") throw new Error("merge() before prepare()");
    const { memory, pool, size } = this.#context;
    checkOperations(operations, size);
    this.#state = "merging";
    try {
      writeOperations(memory, this.#addresses, operations);
      const { table, output } = this.#addresses;
      await pool.run({ kernel: "merge", table, operationCount: operations.length });
      return {
        borrowedOutput: new Uint8Array(memory, output, outputEndOf(operations)),
        newNonFinite: readNewNonFinite(memory, this.#addresses, operations.length),
      };
    } finally {
      this.#state = "idle";
    }
  }
}

function outputEndOf(operations: readonly MergeOperation[]): number {
  return operations.reduce(
    (end, { output, elementCount }) => Math.max(end, output.byteOffset + elementCount * bytesPerElement(output.dtype)),
    0,
  );
}
