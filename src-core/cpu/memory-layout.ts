import { operandAlignment } from "../engine/backend.ts";
import type { SlotSize } from "../engine/check-operations.ts";
import { measureResultsBytes } from "./measure-results.ts";
import { operationBytes, type SlotAddresses } from "./operation-table.ts";

/** Bytes of memory that one thread's kernels work in: src-core/cpu/kernels/scratch.ts. */
export const scratchBytes = 1_076_000;

/** Of one tile, measured without a break: src-core/cpu/kernels/scratch.ts. */
export const measureTileElements = 1024;
/**
 * Bytes into which a thread reads what it measures: pieces of all operands together. With the histogram's table they stay in a second-level cache
 * of 1 MiB.
 */
export const readBufferBytes = 512 * 1024;

/** Of WebAssembly's memory. */
const pageBytes = 65_536;
const cacheLineBytes = 64;

/** Who has which part of the kernels' memory. */
export interface MemoryLayout {
  /** In pages of WebAssembly. */
  readonly pageCount: number;
  readonly slots: readonly SlotAddresses[];
  /** Addresses for each thread: of its kernels' `scratchBytes`, behind which lie a record and a read buffer of its own. */
  readonly scratches: readonly number[];
}

/** A thread's own operation record. */
export function recordOf(scratch: number): number {
  return scratch + scratchBytes;
}

export function readBufferOf(scratch: number): number {
  return recordOf(scratch) + operationBytes;
}

/** Lays out a ring of slots and what their threads need. Throws a RangeError beyond the 4 GiB that addresses reach. */
export function layOutMemory(size: SlotSize, slotCount: number, threadCount: number): MemoryLayout {
  // What lies at address 0 is nobody's.
  let end = cacheLineBytes;
  const take = (byteLength: number) => {
    const address = end;
    end = Math.ceil((end + byteLength) / cacheLineBytes) * cacheLineBytes;
    return address;
  };
  const scratches = Array.from({ length: threadCount }, () => take(readBufferOf(0) + readBufferBytes));
  const slots = Array.from({ length: slotCount }, () => ({
    table: take(size.operationCount * operationBytes),
    // A kernel may read up to the next multiple of the alignment.
    input: take(size.inputBytes + operandAlignment),
    output: take(size.outputBytes + operandAlignment),
    // Address space for the worst case; what is not touched is no memory.
    results: take(measureResultsBytes(size.operationCount)),
  }));
  const pageCount = Math.ceil(end / pageBytes);
  if (pageCount > 65_536) throw new RangeError(`${slotCount} slots of ${size.inputBytes} bytes take ${end} bytes`);
  return { pageCount, slots, scratches };
}
