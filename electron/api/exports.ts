import type { Failure } from "../../src-core/errors.ts";
import type { Problem } from "../../src-core/plan/problem.ts";
import type { RecipeInput } from "../../src-core/recipe/recipe.ts";

export interface OutputChoice {
  readonly id: string;
  readonly path: string;
  /** Something is there already; exporting replaces it only when asked to. */
  readonly exists: boolean;
  readonly freeBytes: number | null;
  /** An export to this folder that did not come to its end, and how far it came. */
  readonly unfinished: {
    readonly bytesWritten: number;
    readonly bytesToWrite: number;
    /** ISO 8601; null for the one that ended just now. */
    readonly startedAt: string | null;
  } | null;
}

export interface ExportRequest {
  readonly recipe: RecipeInput;
  readonly outputId: string;
  readonly overwrite: boolean;
  /** What becomes of an unfinished export to that folder: it goes on, or its place is taken. */
  readonly unfinished: "resume" | "replace";
}

/** What has the engine, where something else has to wait for it. */
export interface WaitsFor {
  readonly work: "export" | "measuring";
  /** What the window is called whose work that is; null for this window itself. */
  readonly window: string | null;
}

export interface JobState {
  readonly id: string;
  /** `waiting`: another window has the engine. */
  readonly phase: "waiting" | "preparing" | "merging" | "paused" | "verifying" | "done" | "failed" | "cancelled";
  /** While it waits. */
  readonly waitsFor: WaitsFor | null;
  readonly outputPath: string;
  readonly bytesRead: number;
  readonly bytesToRead: number;
  readonly bytesWritten: number;
  readonly bytesToWrite: number;
  readonly seconds: number;
  /** Bytes read and written per second over the last seconds; null before it is known. */
  readonly bytesPerSecond: number | null;
  readonly secondsLeft: number | null;
  readonly result: ExportResult | null;
  readonly failure: Failure | null;
  /** What was written is kept: an export to the same folder can go on with it. */
  readonly resumable: boolean;
}

/** What `merge --json` prints and the result card shows. */
export interface ExportResult {
  readonly out: string;
  /** ISO 8601, where it was finished before: nothing was written now. */
  readonly finishedAt?: string;
  readonly backend: "gpu" | "cpu";
  readonly adapter: string;
  /** Why this one computed: goes on after "because". */
  readonly because: string;
  readonly seconds: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly tensors: { readonly merged: number; readonly copied: number };
  /** sha256: hexadecimal digits. */
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly sha256: string | null }[];
  readonly verified: { readonly samples: number; readonly mismatches: number };
  readonly problems: readonly Problem[];
}
