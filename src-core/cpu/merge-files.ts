import type { KernelExports, KernelFilesRequest } from "./kernel-protocol.ts";
import {
  type FileOperand,
  operandStart,
  operandsOf,
  PieceReader,
  pieceElementsFor,
  type ThreadFiles,
} from "./measure-files.ts";
import { readBufferOf, recordOf } from "./memory-layout.ts";
import { newNonFiniteWord, operationBytes, outputWidthOf, outputWord } from "./operation-table.ts";

/**
 * Merges the request's operations, whose operands lie in files, as `measureFiles` measures: a piece of each that stays in this processor's caches is read
 * and merged into its place in the slot's output. Throws a ReadFailed. Returns the milliseconds that it spent on reading.
 */
export function mergeFiles(
  kernels: KernelExports,
  memory: ArrayBufferLike,
  request: KernelFilesRequest,
  files: ThreadFiles,
): number {
  const { table, operationCount, scratch } = request;
  const reader = new PieceReader(memory, request.reads, files);
  for (let index = 0; index < operationCount; index++) {
    const planned = new Uint32Array(memory, table + index * operationBytes, operationBytes / 4);
    const record = new Uint32Array(memory, recordOf(scratch), operationBytes / 4);
    record.set(planned);
    const operands = operandsOf(record);
    planned[newNonFiniteWord] = mergePieces(kernels, { record, operands, scratch }, reader);
  }
  return reader.milliseconds;
}

/** Elements are merged each by itself: those of a piece are the same as those of the whole. Returns how many became infinite or NaN. */
function mergePieces(
  kernels: KernelExports,
  work: { readonly record: Uint32Array; readonly operands: readonly FileOperand[]; readonly scratch: number },
  reader: PieceReader,
): number {
  const { record, operands, scratch } = work;
  const elementCount = record[0] ?? 0;
  const output = record[outputWord] ?? 0;
  const pieceElements = pieceElementsFor(operands);
  let newNonFinite = 0;
  for (let start = 0; start < elementCount; start += pieceElements) {
    const count = Math.min(pieceElements, elementCount - start);
    operands.forEach(({ address, byteWidth, words }, place) => {
      const piece = readBufferOf(scratch) + operandStart(operands, place, pieceElements);
      reader.read(piece, address + start * byteWidth, count * byteWidth);
      for (const word of words) record[word] = piece;
    });
    record[0] = count;
    record[outputWord] = output + start * outputWidthOf(record);
    kernels.merge(record.byteOffset, 1, scratch);
    newNonFinite += record[newNonFiniteWord] ?? 0;
  }
  return newNonFinite;
}
