import type { Failure } from "../../src-core/errors.ts";
import type { JobState } from "./exports.ts";

export interface Environment {
  readonly version: string;
  readonly electron: string;
  readonly chromium: string;
  readonly platform: string;
  /** Said in the window when the runtime is not the one people should use. */
  readonly runtimeWarning: string | null;
  readonly engine: EngineState;
  /** The running export, or the last one: a window that was reloaded finds it again. */
  readonly job: JobState | null;
}

/** What computes: known shortly after start. */
export interface EngineState {
  readonly status: "starting" | "ready" | "failed";
  readonly kind: "gpu" | "cpu" | null;
  readonly adapter: string | null;
  /** The adapter is a software one: it works, slowly. */
  readonly fallback: boolean;
  /** Why this one computes: goes on after "because". */
  readonly because: string | null;
  readonly failure: Failure | null;
}
