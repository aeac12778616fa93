import type { Dtype } from "../checkpoint/dtype.ts";
import type { PlannedVector, PlanSource, TensorLocation } from "./merge-plan.ts";

/** What the measuring pass reads of every tensor. λ is not part of it: what is measured serves any λ. */
export interface MeasurePlan {
  readonly vectorNames: readonly string[];
  readonly hasTarget: boolean;
  readonly sources: readonly PlanSource[];
  readonly tensors: readonly MeasuredTensor[];
}

export interface MeasuredTensor {
  /** The target's name; without a target, the base's. */
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly elementCount: number;
  /** Depth, from 0; null for tensors outside the layers. */
  readonly layer: number | null;
  /** What it is inside its layer: "mlp.down_proj.weight". */
  readonly module: string;
  readonly target: TensorLocation | null;
  /** Consecutive spans that cover the tensor; one without vectors counts only for the target's own norm. */
  readonly spans: readonly MeasuredSpan[];
}

export interface MeasuredSpan {
  readonly elementOffset: number;
  readonly elementCount: number;
  readonly vectors: readonly MeasuredVector[];
}

export type MeasuredVector = Omit<PlannedVector, "scale">;
