import type { Failure } from "../errors.ts";
import type { MeasuredTensor, MeasurePlan } from "../plan/measure-plan.ts";
import type { MergePlan } from "../plan/merge-plan.ts";
import type { TensorStatistics } from "../statistics/tensor-statistics.ts";
import type { FileRange } from "./file-ranges.ts";
import type { TensorInspection } from "./inspect-tensor.ts";
import type { MergeOutcome, MergeProgress } from "./merge-pipeline.ts";

/** A file as main saw it when the plan was made; the engine refuses another one under the same path. */
export interface SourceFile {
  readonly path: string;
  readonly byteLength: number;
  readonly modifiedMs: number;
  /** Through the page cache where nothing is said. */
  readonly reading?: Reading;
}

/** Through the page cache, past it, or as the engine finds to be faster on a piece of the file. Where there is no way past it, through it. */
export type Reading = "buffered" | "direct" | "faster";

/** What WebGPU has on this machine. */
export interface FoundGpu {
  readonly name: string | null;
  /** It computes on the CPU. */
  readonly isFallback: boolean;
}

/** What may compute; `auto` is the GPU where a real one is, else the CPU. */
export type BackendChoice = "auto" | "gpu" | "cpu";

/** Main → engine, over the engine's own port; `start` comes first, once. */
export type EngineCommand =
  | { readonly type: "start"; readonly backend: BackendChoice }
  | {
      readonly type: "merge";
      readonly job: string;
      readonly plan: MergePlan;
      /** By the plan's source and file indices. */
      readonly sources: readonly (readonly SourceFile[])[];
      /** By the output's file index. */
      readonly outputPaths: readonly string[];
      /** A file to take down in when what happened. */
      readonly tracePath?: string;
      /** Where what is written is recorded (journal.ts), behind what stands there; null: nowhere. */
      readonly journalPath: string | null;
      /** What is not to be read and written again. */
      readonly done: readonly FileRange[];
      /** So far main has followed what is written, and will tell of more (`followed`): writing waits where it gets too far ahead. Null: it does not. */
      readonly followedBytes: number | null;
    }
  | {
      readonly type: "measure";
      readonly job: string;
      readonly plan: MeasurePlan;
      readonly sources: readonly (readonly SourceFile[])[];
      /** Names of tensors whose statistics are known from an interrupted run. */
      readonly done: readonly string[];
      readonly tracePath?: string;
    }
  | {
      /** Before a job: finds out which of two backends is faster at it, where nobody has asked for either. The other one is given up. */
      readonly type: "try";
      readonly job: string;
      readonly work:
        | { readonly pass: "merge"; readonly plan: MergePlan }
        | { readonly pass: "measure"; readonly plan: MeasurePlan };
      readonly sources: readonly (readonly SourceFile[])[];
    }
  | {
      readonly type: "inspect";
      readonly job: string;
      readonly tensor: MeasuredTensor;
      /** Index of the vector whose τ is looked at. */
      readonly vector: number;
      readonly sources: readonly (readonly SourceFile[])[];
    }
  /** Of all output files, in their order. */
  | { readonly type: "followed"; readonly job: string; readonly bytes: number }
  /** Somebody is at a window: nothing new is begun for a moment. */
  | { readonly type: "rest" }
  | { readonly type: "cancel"; readonly job: string };

/** Engine → main. */
export type EngineEvent =
  | {
      readonly type: "ready";
      readonly kind: "gpu" | "cpu";
      readonly adapter: string;
      readonly fallback: boolean;
      /** Why this one computes, for people: goes on after "because". */
      readonly because: string;
      /** The GPU that was found, whether it computes or not; its name is null where there is none. Absent where none was looked for. */
      readonly foundGpu?: FoundGpu;
    }
  | { readonly type: "unavailable"; readonly failure: Failure }
  | {
      readonly type: "progress";
      readonly job: string;
      /** Of the whole plan; `before` was done by an interrupted run. */
      readonly progress: MergeProgress;
      readonly before: MergeProgress;
    }
  /** Since the last such event, neighbours joined. */
  | { readonly type: "written"; readonly job: string; readonly ranges: readonly FileRange[] }
  | { readonly type: "merged"; readonly job: string; readonly outcome: MergeOutcome }
  | {
      readonly type: "measuring";
      readonly job: string;
      /** Finished since the last such event. */
      readonly tensors: readonly TensorStatistics[];
      /** Since the start of this run. */
      readonly bytesRead: number;
    }
  | { readonly type: "measured"; readonly job: string; readonly bytesRead: number }
  | { readonly type: "inspected"; readonly job: string; readonly inspection: TensorInspection }
  | { readonly type: "tried"; readonly job: string }
  | { readonly type: "failed"; readonly job: string; readonly failure: Failure };

/** Progress is for people: more often than this is waste. */
export const progressIntervalMs = 100;
