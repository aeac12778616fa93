import { recipeOf } from "./decisions.ts";
import { exportBlocker } from "./export-blocker.ts";
import { hasEnded } from "./job-phase.ts";
import { attempt, attemptVoid } from "./shown-failure.ts";
import type { SliceTools } from "./slice.ts";
import type { JobSlice } from "./studio-state.ts";

export function createJobSlice({ set, get, studio }: SliceTools): JobSlice {
  /** Ended jobs that were put away; late news of them is no news. */
  const dismissed = new Set<string>();

  async function onJob(call: (jobId: string) => Promise<void>): Promise<boolean> {
    const { job } = get();
    if (job === null) return false;
    set({ jobFailure: null });
    const jobFailure = await attemptVoid(() => call(job.id));
    set({ jobFailure });
    return jobFailure === null;
  }

  return {
    job: null,
    starting: false,
    cancelling: false,
    pausing: false,
    moving: false,
    jobFailure: null,

    async startExport() {
      const { output, overwrite, startsOver, job } = get();
      const recipe = recipeOf(get());
      if (exportBlocker(get()) !== null || recipe === null || output === null) return;
      if (job !== null) dismissed.add(job.id);
      set({ job: null, starting: true, cancelling: false, pausing: false, jobFailure: null });
      const unfinished = startsOver ? "replace" : "resume";
      const outcome = await attempt(() => studio.startExport({ recipe, outputId: output.id, overwrite, unfinished }));
      set({ starting: false });
      if (outcome.ok) {
        set({ exportedRecipe: JSON.stringify(recipe) });
        // Events may have overtaken the answer, and they are newer.
        if (get().job?.id !== outcome.value.id) get().applyJob(outcome.value);
        return;
      }
      set({ jobFailure: outcome.failure });
      if (outcome.failure.code === "output-exists") get().outputExists();
    },

    async cancelExport() {
      set({ cancelling: true });
      const cancelled = await onJob((jobId) => studio.cancelExport(jobId));
      if (!cancelled) set({ cancelling: false });
    },

    async pauseExport() {
      set({ pausing: true });
      const asked = await onJob((jobId) => studio.pauseExport(jobId));
      if (!asked) set({ pausing: false });
    },

    async resumeExport() {
      set({ pausing: false });
      await onJob((jobId) => studio.resumeExport(jobId));
    },

    async showInFolder() {
      await onJob((jobId) => studio.showInFolder(jobId));
    },
    copyPath: () => onJob((jobId) => studio.copyPath(jobId)),
    async dragOut() {
      await onJob((jobId) => studio.dragOut(jobId));
    },

    async moveExport() {
      const { job, moving } = get();
      if (job === null || moving) return;
      set({ moving: true, jobFailure: null });
      const outcome = await attempt(() => studio.moveExport(job.id));
      set({ moving: false, ...(outcome.ok ? {} : { jobFailure: outcome.failure }) });
    },

    dismissJob() {
      const { job } = get();
      if (job !== null && !hasEnded(job)) return;
      if (job !== null) dismissed.add(job.id);
      set({ job: null, jobFailure: null });
    },

    applyJob(job) {
      const current = get().job;
      if (dismissed.has(job.id)) return;
      if (current !== null && current.id !== job.id && !hasEnded(current)) return;
      const endsNow = hasEnded(job) && !(current?.id === job.id && hasEnded(current));
      set({ job, ...(hasEnded(job) ? { cancelling: false, pausing: false } : {}) });
      if (job.phase === "paused") set({ pausing: false });
      if (endsNow && job.phase === "done") void get().outputWasWritten();
      if (endsNow && job.phase !== "done") get().outputWasLeft(job);
      if (endsNow && job.failure?.code === "output-exists") get().outputExists();
    },
  };
}
