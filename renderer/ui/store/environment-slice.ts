import { attempt } from "./shown-failure.ts";
import type { SliceTools } from "./slice.ts";
import type { EnvironmentSlice } from "./studio-state.ts";

export function createEnvironmentSlice({ set, get, studio }: SliceTools): EnvironmentSlice {
  return {
    environment: null,
    engine: null,
    windowFailure: null,
    windowNotice: null,

    async loadEnvironment() {
      const outcome = await attempt(async () => ({ ok: true, value: await studio.environment() }));
      if (!outcome.ok) return get().showWindowFailure(outcome.failure);
      // An engine event that came meanwhile is newer than the answer.
      set({ environment: outcome.value, engine: get().engine ?? outcome.value.engine });
      const { job } = outcome.value;
      if (job !== null && get().job === null) get().applyJob(job);
    },
    showWindowFailure: (windowFailure) => set({ windowFailure }),
    dismissWindowFailure: () => set({ windowFailure: null }),
    dismissWindowNotice: () => set({ windowNotice: null }),
  };
}
