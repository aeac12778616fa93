import { recipeOf } from "./decisions.ts";
import { exportBlocker } from "./export-blocker.ts";
import { allPlaces, slotAt } from "./place.ts";
import { attempt } from "./shown-failure.ts";
import type { SliceTools } from "./slice.ts";
import type { PreflightSlice, StudioState } from "./studio-state.ts";

/** Asks main what would hinder an export before the user starts it. */
export function createPreflightSlice({ set, get, studio }: SliceTools): PreflightSlice {
  let latest = "";

  return {
    preflight: null,

    async checkExport() {
      const { output, overwrite, startsOver } = get();
      const recipe = recipeOf(get());
      if (recipe === null || output === null || exportBlocker(get()) !== null) {
        latest = "";
        if (get().preflight !== null) set({ preflight: null });
        return;
      }
      const asked = subjectOf(get());
      if (asked === latest) return;
      latest = asked;
      set({ preflight: null });
      const request = {
        recipe,
        outputId: output.id,
        overwrite,
        unfinished: startsOver ? "replace" : "resume",
      } as const;
      const outcome = await attempt(() => studio.checkExport(request));
      if (asked !== latest) return;
      set({
        preflight: outcome.ok ? { failure: null, notices: outcome.value } : { failure: outcome.failure, notices: [] },
      });
    },
  };
}

/** What the answer depends on. Another λ writes the same files: main is not asked at every step of a slider. */
function subjectOf(state: StudioState): string {
  const { plan, output, overwrite, startsOver, recipeRest } = state;
  const models = allPlaces(state).map((place) => slotAt(state, place)?.model?.id);
  const written = [plan?.bytesWritten, plan?.fileCount, recipeRest.output];
  return JSON.stringify([output?.id, output?.exists, overwrite, startsOver, models, written]);
}
