/** What the compiled kernels export (src-core/cpu/kernels/index.ts). All numbers are addresses or counts. */
export interface KernelExports {
  merge(table: number, operationCount: number, scratch: number): void;
  measure(table: number, operationCount: number, scratch: number): void;
  /** The same of one operation, in pieces: `end` is a multiple of measureTileElements in all but the last. */
  beginMeasure(operation: number): void;
  measureElements(operation: number, start: number, end: number, scratch: number): void;
  finishMeasure(operation: number, scratch: number): void;
}

/** Backend → thread. Everything else is in the memory that they share. */
export type KernelRequest = ComputeRequest | KernelFilesRequest;

interface ThreadRequest {
  readonly id: number;
  readonly table: number;
  readonly operationCount: number;
  readonly scratch: number;
}

export interface ComputeRequest extends ThreadRequest {
  readonly kernel: "merge" | "measure";
}

/** To compute with what the thread reads itself. */
export interface KernelFilesRequest extends ThreadRequest {
  readonly kernel: "measureFiles" | "mergeFiles";
  readonly reads: readonly KernelFileRead[];
}

export interface KernelFileRead {
  /** As this process has the file open. */
  readonly descriptor: number;
  readonly byteOffset: number;
  readonly byteLength: number;
  /** Where the operations expect it; nothing need be there. */
  readonly address: number;
}

/** Thread → backend: the kernel has run, or why it did not. */
export interface KernelReply {
  readonly id: number;
  readonly failure: string | null;
  /** Where the failure is one of reading: which of the request's reads. */
  readonly failedRead?: number;
  /** Spent on reading. */
  readonly readMilliseconds?: number;
}
