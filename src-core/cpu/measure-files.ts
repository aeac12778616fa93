import type { KernelExports, KernelFilesRequest } from "./kernel-protocol.ts";
import { eachOperation } from "./operation-pieces.ts";
import type { ThreadFiles } from "./piece-reader.ts";

/** Measures the request's operations, whose operands lie in files. Throws a ReadFailed. Returns the milliseconds that it spent on reading. */
export function measureFiles(
  kernels: KernelExports,
  memory: ArrayBufferLike,
  request: KernelFilesRequest,
  files: ThreadFiles,
): number {
  return eachOperation(memory, request, files, ({ record: { byteOffset: operation }, eachPiece }) => {
    kernels.beginMeasure(operation);
    // Its tiles are numbered from the operand's start.
    eachPiece("operand", ({ start, count }) => {
      kernels.measureElements(operation, start, start + count, request.scratch);
    });
    kernels.finishMeasure(operation, request.scratch);
  });
}
