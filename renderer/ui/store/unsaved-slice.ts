import { attempt, attemptVoid } from "./shown-failure.ts";
import type { SliceTools } from "./slice.ts";
import type { UnsavedSlice } from "./studio-state.ts";

export function createUnsavedSlice({ set, get, studio }: SliceTools): UnsavedSlice {
  const settle = async (id: string, call: (id: string) => Promise<void>) => {
    const failure = await attemptVoid(() => call(id));
    if (failure !== null) return get().showWindowFailure(failure);
    set(({ unsavedRecipes }) => ({ unsavedRecipes: unsavedRecipes.filter((each) => each.id !== id) }));
  };
  return {
    unsavedRecipes: [],

    async loadUnsaved() {
      const outcome = await attempt(() => studio.unsavedRecipes());
      if (outcome.ok) set({ unsavedRecipes: outcome.value });
    },

    bringBack: (id) => settle(id, studio.bringBack),
    discardUnsaved: (id) => settle(id, studio.discardUnsaved),
  };
}
