import type { EngineState, Environment } from "../../../electron/api.ts";
import { attempt, type ShownFailure } from "./shown-failure.ts";
import type { SliceTools } from "./slice.ts";

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

export function createEnvironmentSlice({ set, get, studio }: SliceTools): EnvironmentSlice {
  return {
    environment: null,
    engine: null,
    windowFailure: null,

    async loadEnvironment() {
      const outcome = await attempt(async () => ({ ok: true, value: await studio.environment() }));
      if (!outcome.ok) return get().showWindowFailure(outcome.failure);
      // An engine event that came meanwhile is newer than the answer.
      set({ environment: outcome.value, engine: get().engine ?? outcome.value.engine });
    },
    showWindowFailure: (windowFailure) => set({ windowFailure }),
    dismissWindowFailure: () => set({ windowFailure: null }),
  };
}
