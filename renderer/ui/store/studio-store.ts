import { createStore, type StoreApi } from "zustand/vanilla";
import type { StudioApi } from "../../../electron/api.ts";
import { createEnvironmentSlice } from "./environment-slice.ts";
import { createJobSlice } from "./job-slice.ts";
import { createModelsSlice } from "./models-slice.ts";
import { createOutputSlice } from "./output-slice.ts";
import { createPlanSlice } from "./plan-slice.ts";
import type { StudioState } from "./studio-state.ts";

export type StudioStore = StoreApi<StudioState>;

/** Makes the store, and listens to main for as long as the window lives. */
export function createStudioStore(studio: StudioApi): StudioStore {
  const store = createStore<StudioState>()((set, get) => {
    const tools = { set, get, studio };
    return {
      ...createEnvironmentSlice(tools),
      ...createModelsSlice(tools),
      ...createPlanSlice(tools),
      ...createOutputSlice(tools),
      ...createJobSlice(tools),
    };
  });
  studio.onEvent((event) => {
    if (event.type === "job") store.getState().applyJob(event.job);
    else store.setState({ engine: event.engine });
  });
  void store.getState().loadEnvironment();
  return store;
}
