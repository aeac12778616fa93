import type { MergeProgress } from "../../src-core/engine/merge-pipeline.ts";
import type { MergePlan } from "../../src-core/plan/merge-plan.ts";
import type { Part } from "../../src-core/plan/part-plan.ts";
import type { PauseSwitch } from "./pause-switch.ts";

export interface MergeJobRequest {
  readonly plan: MergePlan;
  readonly outputPath: string;
  /** A finished export of that name may be replaced. */
  readonly overwrite: boolean;
  /** A file to take down in when what happened. */
  readonly tracePath?: string;
  /** The files that are read are read once more at the end, to record the SHA-256 of each. */
  readonly hashSources?: boolean;
  /** What becomes of an unfinished one. */
  readonly unfinished: "resume" | "replace" | "refuse";
  /** Where the plan is a part of another one (part-plan.ts): what is written are its files, and no model. */
  readonly part?: Part & { readonly whole: MergePlan };
}

export interface MergeJobCallbacks {
  readonly signal: AbortSignal;
  readonly pause: PauseSwitch;
  readonly onPhase: (phase: "preparing" | "merging" | "paused" | "verifying") => void;
  readonly onProgress: (progress: MergeProgress) => void;
}
