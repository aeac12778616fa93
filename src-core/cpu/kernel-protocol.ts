/** What the compiled kernels export (src-core/cpu/kernels/index.ts). All numbers are addresses or counts. */
export interface KernelExports {
  merge(table: number, operationCount: number, scratch: number): void;
  measure(table: number, operationCount: number, scratch: number): void;
}

export type KernelName = keyof KernelExports;

/** Backend → thread. Everything else is in the memory that they share. */
export interface KernelRequest {
  readonly id: number;
  readonly kernel: KernelName;
  readonly table: number;
  readonly operationCount: number;
  readonly scratch: number;
}

/** Thread → backend: the kernel has run, or why it did not. */
export interface KernelReply {
  readonly id: number;
  readonly failure: string | null;
}

/** Runs one request on the thread that it was sent to. */
export function serveKernel(kernels: KernelExports, request: KernelRequest): KernelReply {
  try {
    kernels[request.kernel](request.table, request.operationCount, request.scratch);
    return { id: request.id, failure: null };
  } catch (error) {
    return { id: request.id, failure: error instanceof Error ? error.message : String(error) };
  }
}
