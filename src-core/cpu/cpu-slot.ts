import { bytesPerElement } from "../checkpoint/dtype.ts";
import {
  type FileRead,
  type MeasuredFiles,
  type MeasureOperation,
  type MergedFiles,
  type MergeOperation,
  type MergeResult,
  ReadFailure,
  type Slot,
} from "../engine/backend.ts";
import { checkMeasureOperations, checkOperations, type SlotSize } from "../engine/check-operations.ts";
import { fileRoundBytes } from "../limits.ts";
import type { TensorSums } from "../statistics/tensor-sums.ts";
import type { ComputeRequest, KernelFilesRequest } from "./kernel-protocol.ts";
import { measureResultBytes, readMeasureResult } from "./measure-results.ts";
import {
  readNewNonFinite,
  type SlotAddresses,
  writeMeasureOperations,
  writeMergeOperations,
} from "./operation-table.ts";
import type { ThreadPool } from "./thread-pool.ts";

export interface CpuSlotContext {
  readonly memory: ArrayBufferLike;
  readonly pool: ThreadPool;
  readonly size: SlotSize;
}

type SlotState = "idle" | "prepared" | "computing";

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
    if (this.#state === "computing") throw new Error("prepare() while computing");
    this.#state = "prepared";
    return this.#input;
  }

  async merge(operations: readonly MergeOperation[]): Promise<MergeResult> {
    this.#requirePrepared();
    const { memory, size } = this.#context;
    checkOperations(operations, size);
    writeMergeOperations(memory, this.#addresses, operations);
    await this.#run("merge", operations.length);
    return {
      borrowedOutput: new Uint8Array(memory, this.#addresses.output, outputEndOf(operations)),
      newNonFinite: readNewNonFinite(memory, this.#addresses, operations.length),
    };
  }

  async measure(operations: readonly MeasureOperation[]): Promise<readonly TensorSums[]> {
    this.#requirePrepared();
    const { memory, size } = this.#context;
    checkMeasureOperations(operations, size);
    const resultAddresses = resultAddressesOf(operations, this.#addresses.results);
    writeMeasureOperations(memory, this.#addresses, operations, resultAddresses);
    await this.#run("measure", operations.length);
    return operations.map((operation, index) => readMeasureResult(memory, resultAddresses[index] ?? 0, operation));
  }

  async mergeFiles(reads: readonly FileRead[], operations: readonly MergeOperation[]): Promise<MergedFiles> {
    if (this.#state === "computing") throw new Error("mergeFiles() while computing");
    const { memory, size } = this.#context;
    checkOperations(operations, size);
    writeMergeOperations(memory, this.#addresses, operations);
    const readMilliseconds = await this.#runOnFiles("mergeFiles", reads, operations.length);
    return {
      borrowedOutput: new Uint8Array(memory, this.#addresses.output, outputEndOf(operations)),
      newNonFinite: readNewNonFinite(memory, this.#addresses, operations.length),
      readMilliseconds,
    };
  }

  async measureFiles(reads: readonly FileRead[], operations: readonly MeasureOperation[]): Promise<MeasuredFiles> {
    if (this.#state === "computing") throw new Error("measureFiles() while computing");
    const { memory, size } = this.#context;
    checkMeasureOperations(operations, { ...size, inputBytes: fileRoundBytes });
    const resultAddresses = resultAddressesOf(operations, this.#addresses.results);
    writeMeasureOperations(memory, this.#addresses, operations, resultAddresses);
    const readMilliseconds = await this.#runOnFiles("measureFiles", reads, operations.length);
    const sums = operations.map((operation, at) => readMeasureResult(memory, resultAddresses[at] ?? 0, operation));
    return { sums, readMilliseconds };
  }

  /** Returns the milliseconds spent on reading. Rejects with a ReadFailure. */
  async #runOnFiles(
    kernel: KernelFilesRequest["kernel"],
    reads: readonly FileRead[],
    operationCount: number,
  ): Promise<number> {
    const { table, input } = this.#addresses;
    this.#state = "computing";
    try {
      const { failure, failedRead, readMilliseconds } = await this.#context.pool.run({
        kernel,
        table,
        operationCount,
        reads: reads.map(({ inputByteOffset, ...read }) => ({ ...read, address: input + inputByteOffset })),
      });
      if (failedRead !== undefined) throw new ReadFailure(failedRead, failure ?? "");
      return readMilliseconds ?? 0;
    } finally {
      this.#state = "idle";
    }
  }

  #requirePrepared(): void {
    if (this.#state !== "prepared") throw new Error("a slot computes after prepare(), once");
  }

  async #run(kernel: ComputeRequest["kernel"], operationCount: number): Promise<void> {
    this.#state = "computing";
    try {
      await this.#context.pool.run({ kernel, table: this.#addresses.table, operationCount });
    } finally {
      this.#state = "idle";
    }
  }
}

function resultAddressesOf(operations: readonly MeasureOperation[], start: number): number[] {
  let next = start;
  return operations.map(({ vectors }) => {
    const address = next;
    next += measureResultBytes(vectors.length);
    return address;
  });
}

function outputEndOf(operations: readonly MergeOperation[]): number {
  return operations.reduce(
    (end, { output, elementCount }) => Math.max(end, output.byteOffset + elementCount * bytesPerElement(output.dtype)),
    0,
  );
}
