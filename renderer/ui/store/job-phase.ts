import type { JobState } from "../../../electron/api/exports.ts";
import type { JobSlice } from "./studio-state.ts";

const endPhases: readonly JobState["phase"][] = ["done", "failed", "cancelled"];

export function hasEnded(job: JobState): boolean {
  return endPhases.includes(job.phase);
}

export function isJobRunning({ job, starting }: Pick<JobSlice, "job" | "starting">): boolean {
  return starting || (job !== null && !hasEnded(job));
}
