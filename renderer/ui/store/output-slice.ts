import { attempt } from "./shown-failure.ts";
import type { SliceTools } from "./slice.ts";
import type { OutputSlice } from "./studio-state.ts";

export function createOutputSlice({ set, get, studio }: SliceTools): OutputSlice {
  let latestRequest = 0;
  let proposedFor: string | null = null;

  const none = { output: null, outputPicked: false, outputFailure: null, overwrite: false, startsOver: false };

  return {
    ...none,

    async targetChanged() {
      const targetId = get().target.model?.id ?? null;
      if (targetId === proposedFor) return;
      proposedFor = targetId;
      if (!get().outputPicked) await get().proposeOutput();
    },

    async proposeOutput() {
      const request = ++latestRequest;
      const targetId = get().target.model?.id;
      set(none);
      if (targetId === undefined) return;
      const outcome = await attempt(() => studio.proposeOutput(targetId));
      if (request !== latestRequest) return;
      set(outcome.ok ? { output: outcome.value } : { outputFailure: outcome.failure });
    },

    async pickOutput() {
      set({ outputFailure: null });
      const outcome = await attempt(() => studio.pickOutput(get().output?.id ?? null));
      if (!outcome.ok) return set({ outputFailure: outcome.failure });
      if (outcome.value === null) return;
      // What the user picked wins over any proposal still on its way.
      latestRequest++;
      set({ output: outcome.value, outputPicked: true, outputFailure: null, overwrite: false, startsOver: false });
    },

    setOverwrite: (overwrite) => set({ overwrite }),
    setStartsOver: (startsOver) => set({ startsOver }),

    outputWasLeft({ outputPath, resumable, bytesWritten, bytesToWrite }) {
      const { output } = get();
      if (output?.path !== outputPath) return;
      const unfinished = resumable ? { bytesWritten, bytesToWrite, startedAt: null } : null;
      set({ output: { ...output, unfinished }, startsOver: false });
    },

    async outputWasWritten() {
      if (get().outputPicked) get().outputExists();
      else await get().proposeOutput();
    },

    outputExists() {
      const { output } = get();
      if (output !== null) set({ output: { ...output, exists: true }, overwrite: false });
    },
  };
}
