import type { MergeableDtype } from "../checkpoint/dtype.ts";
import type { TensorSums } from "../statistics/tensor-sums.ts";

/**
 * Compute, as the pipeline sees it: a ring of slots, each with memory to read inputs into and results to write from.
 * Implementations: WebGPU (src-core/gpu), and WASM SIMD in threads (src-core/cpu).
 */
export interface Backend {
  readonly kind: "gpu" | "cpu";
  /** Name of the adapter for people: "NVIDIA RTX 4090", "SwiftShader (CPU)". */
  readonly adapter: string;
  /** What one slot holds: the pipeline cuts its batches to that. */
  readonly slotSize: SlotSize;
  readonly slots: readonly Slot[];
  /** Bytes of input that one measureFiles may take; absent where the slots have neither that nor mergeFiles. */
  readonly fileRoundBytes?: number;
  /** Rejects with a StudioError `device-lost` when the device goes away; never resolves. */
  readonly lost: Promise<never>;
  /** Where results come back over a bus: from now on `watch` is told of each, when its computing has ended. Null: not any more. */
  readonly watchReadbacks?: (watch: ReadbackWatch | null) => void;
  destroy(): void;
}

/** `done` resolves when the results of the slot's round can be read, and never rejects before the round itself does. */
export type ReadbackWatch = (slot: number, done: Promise<unknown>) => void;

export interface SlotSize {
  readonly inputBytes: number;
  readonly outputBytes: number;
  /** Operations of one round, at most. */
  readonly operationCount: number;
}

/** One place of the ring. Its life: prepare → fill `input` → merge or measure → read the result → prepare again. */
export interface Slot {
  /**
   * Waits until the slot's input memory may be written, and returns it (slotSize.inputBytes long). What it holds is old data.
   * It is valid until `merge` or `measure` is called.
   */
  prepare(): Promise<Uint8Array>;
  /** Runs the operations over what was filled. The result's memory is borrowed: valid until the next round of the slot. */
  merge(operations: readonly MergeOperation[]): Promise<MergeResult>;
  /** As measureFiles, instead of prepare, filling and merge: of operations that fit into the slot's input. */
  mergeFiles?(reads: readonly FileRead[], operations: readonly MergeOperation[]): Promise<MergedFiles>;
  /** The sums of each operation over what was filled. They are the caller's. */
  measure(operations: readonly MeasureOperation[]): Promise<readonly TensorSums[]>;
  /**
   * Measures what a thread of the backend's reads itself, instead of prepare, filling and measure. Rejects with a ReadFailure where it cannot.
   * For files in the page cache: it waits for each read before it computes.
   */
  measureFiles?(reads: readonly FileRead[], operations: readonly MeasureOperation[]): Promise<MeasuredFiles>;
}

/** A run of a file's bytes and where, from the start of a round's input, the operations expect them. */
export interface FileRead {
  readonly descriptor: number;
  readonly byteOffset: number;
  readonly byteLength: number;
  readonly inputByteOffset: number;
}

export interface MergedFiles extends MergeResult {
  /** Spent on reading, of one thread's time. */
  readonly readMilliseconds: number;
}

export interface MeasuredFiles {
  readonly sums: readonly TensorSums[];
  /** Spent on reading, of one thread's time. */
  readonly readMilliseconds: number;
}

/** That one of a round's reads did not bring what it should have. */
export class ReadFailure extends Error {
  readonly index: number;

  constructor(index: number, message: string) {
    super(message);
    this.index = index;
  }
}

/** merged[i] = target[i] + Σ scale · (chat[i] − base[i]), rounded once to the output's dtype. */
export interface MergeOperation {
  readonly elementCount: number;
  readonly target: Operand;
  readonly vectors: readonly { readonly scale: number; readonly chat: Operand; readonly base: Operand }[];
  /** Byte offset in the result, a multiple of operandAlignment. */
  readonly output: Operand;
}

/** Everything that tensor-sums.ts names, of one run of elements; 1 to maximumVectorCount vectors. */
export interface MeasureOperation {
  readonly elementCount: number;
  /** null where there is none: what needs it is 0 in the sums. */
  readonly target: Operand | null;
  readonly vectors: readonly { readonly chat: Operand; readonly base: Operand }[];
}

export interface Operand {
  readonly dtype: MergeableDtype;
  /** From the start of the slot's input (or output), a multiple of operandAlignment. */
  readonly byteOffset: number;
}

/** Operands start at multiples of this and may be read up to the next one; what lies between is ignored. */
export const operandAlignment = 16;

export interface MergeResult {
  readonly borrowedOutput: Uint8Array;
  /** For each operation: outputs that are NaN or infinite where the target was finite. */
  readonly newNonFinite: readonly number[];
}
