import type { EngineState, Environment, JobState, OutputChoice, PlanSummary } from "../../../electron/api.ts";
import type { ProblemCode } from "../../../src-core/plan/problem.ts";
import type { Decisions } from "./decisions.ts";
import type { ModelOrigin, ModelSlots, Role } from "./model-slot.ts";
import type { ShownFailure } from "./shown-failure.ts";

/** All that the window knows, in one place, by concept. Each slice is made in the file of its name. */
export type StudioState = EnvironmentSlice & ModelsSlice & PlanSlice & OutputSlice & JobSlice;

export interface EnvironmentSlice {
  readonly environment: Environment | null;
  /** Known from events, even before the environment has answered. */
  readonly engine: EngineState | null;
  /** What concerns the whole window and no card or panel in it. */
  readonly windowFailure: ShownFailure | null;
  loadEnvironment(): Promise<void>;
  showWindowFailure(failure: ShownFailure): void;
  dismissWindowFailure(): void;
}

export interface ModelsSlice {
  readonly slots: ModelSlots;
  readonly samplesFailure: ShownFailure | null;
  /** Fills a role from a dialog or a drop. */
  openModel(role: Role, origin: Exclude<ModelOrigin, { kind: "samples" }>): Promise<void>;
  /** A drop on one card. */
  dropOnCard(role: Role, files: readonly File[]): Promise<void>;
  /** A drop elsewhere: fills the empty roles in order. */
  dropOnWindow(files: readonly File[]): Promise<void>;
  retryModel(role: Role): Promise<void>;
  dismissModelFailure(role: Role): void;
  /** Empties the role, or stops waiting for what is being opened for it. */
  clearModel(role: Role): void;
  swapModels(one: Role, other: Role): void;
  openSamples(): Promise<void>;
}

export interface PlanSlice {
  /** λ in effect. */
  readonly scale: number;
  /** What stands in the field: λ, or what is being typed. */
  readonly scaleText: string;
  readonly scaleError: string | null;
  readonly decisions: Decisions;
  /** The latest plan; null while models are missing, being planned for the first time, or failing. */
  readonly plan: PlanSummary | null;
  readonly planning: boolean;
  readonly planFailure: ShownFailure | null;
  readonly selectedTensor: string | null;
  setScale(scale: number): void;
  typeScale(text: string): void;
  /** Adds steps of `scaleStep`. */
  stepScale(steps: number): void;
  /** Back to the λ in effect, as it is written. */
  restoreScaleText(): void;
  choose(code: ProblemCode, choiceId: string): void;
  selectTensor(name: string | null): void;
  replan(): void;
  /** Another set of models: old decisions and the old plan say nothing about it. */
  modelsChanged(): void;
}

export interface OutputSlice {
  readonly output: OutputChoice | null;
  /** A proposed folder follows the target; a picked one stays. */
  readonly outputPicked: boolean;
  readonly outputFailure: ShownFailure | null;
  /** Said in place, for this folder only. */
  readonly overwrite: boolean;
  /** Proposes a folder for the present target, unless one was picked. */
  targetChanged(): Promise<void>;
  proposeOutput(): Promise<void>;
  pickOutput(): Promise<void>;
  setOverwrite(overwrite: boolean): void;
  /** Something is at the output now: proposes another, or asks for a picked one to be replaced. */
  outputWasWritten(): Promise<void>;
  outputExists(): void;
}

export interface JobSlice {
  /** The running export, or the last one until it is dismissed or followed. */
  readonly job: JobState | null;
  /** Asked for, not yet answered by main. */
  readonly starting: boolean;
  readonly cancelling: boolean;
  /** Why an export did not start, or an action on the job failed. */
  readonly jobFailure: ShownFailure | null;
  startExport(): Promise<void>;
  cancelExport(): Promise<void>;
  showInFolder(): Promise<void>;
  /** True when the path is on the clipboard. */
  copyPath(): Promise<boolean>;
  dismissJob(): void;
  /** News of a job from main. */
  applyJob(job: JobState): void;
}
