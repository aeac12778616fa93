import type { KernelExports, KernelReply, KernelRequest } from "./kernel-protocol.ts";
import { measureFiles } from "./measure-files.ts";
import { mergeFiles } from "./merge-files.ts";
import { ReadFailed, type ThreadFiles } from "./piece-reader.ts";

/** What a thread works with. `files` is null where it has none. */
export interface KernelThreadParts {
  readonly kernels: KernelExports;
  readonly memory: ArrayBufferLike;
  readonly files: ThreadFiles | null;
}

/** Runs one request on the thread that it was sent to. */
export function serveKernel(parts: KernelThreadParts, request: KernelRequest): KernelReply {
  const { id } = request;
  try {
    return { id, failure: null, ...run(parts, request) };
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    return error instanceof ReadFailed ? { id, failure, failedRead: error.index } : { id, failure };
  }
}

function run(
  { kernels, memory, files }: KernelThreadParts,
  request: KernelRequest,
): Pick<KernelReply, "readMilliseconds"> {
  if (!("reads" in request)) {
    kernels[request.kernel](request.table, request.operationCount, request.scratch);
    return {};
  }
  if (files === null) throw new Error("a thread without files");
  const compute = request.kernel === "mergeFiles" ? mergeFiles : measureFiles;
  return { readMilliseconds: compute(kernels, memory, request, files) };
}
