import type { KernelExports, KernelFilesRequest } from "./kernel-protocol.ts";
import { eachOperation } from "./operation-pieces.ts";
import { newNonFiniteWord, outputWidthOf, outputWord } from "./operation-table.ts";
import type { ThreadFiles } from "./piece-reader.ts";

/**
 * Merges the request's operations, whose operands lie in files, into their places in the slot's output. Throws a ReadFailed. Returns the milliseconds that it
 * spent on reading.
 */
export function mergeFiles(
  kernels: KernelExports,
  memory: ArrayBufferLike,
  request: KernelFilesRequest,
  files: ThreadFiles,
): number {
  return eachOperation(memory, request, files, ({ record, planned, eachPiece }) => {
    const output = record[outputWord] ?? 0;
    let newNonFinite = 0;
    // Elements are merged each by itself: those of a piece are the same as those of the whole.
    eachPiece("piece", ({ start, count }) => {
      record[0] = count;
      record[outputWord] = output + start * outputWidthOf(record);
      kernels.merge(record.byteOffset, 1, request.scratch);
      newNonFinite += record[newNonFiniteWord] ?? 0;
    });
    planned[newNonFiniteWord] = newNonFinite;
  });
}
