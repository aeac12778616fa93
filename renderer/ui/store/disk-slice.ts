import { isJobRunning } from "./job-phase.ts";
import { attempt } from "./shown-failure.ts";
import type { SliceTools } from "./slice.ts";
import type { DiskSlice } from "./studio-state.ts";

export function createDiskSlice({ set, get, studio }: SliceTools): DiskSlice {
  return {
    changedModels: [],
    recipeChange: null,

    applyChanged: ({ models, recipe }) => set({ changedModels: models, recipeChange: recipe }),

    async openChangedModels() {
      const { changedModels } = get();
      if (changedModels.length === 0 || isJobRunning(get())) return;
      const outcome = await attempt(() => studio.openChanged(changedModels.map(({ id }) => id)));
      if (!outcome.ok) get().showWindowFailure(outcome.failure);
    },

    async reopenRecipe() {
      const { document } = get();
      if (document !== null) await get().openInPlace(() => studio.reopenRecipe(document.id));
    },

    dismissRecipeChange: () => set({ recipeChange: null }),
  };
}
