import type { StudioApi } from "../../../electron/api/studio-api.ts";
import type { StudioState } from "./studio-state.ts";

/** What every slice is made of: the way to read and change the one state, and the way out of the window. */
export interface SliceTools {
  readonly set: (change: Partial<StudioState> | ((state: StudioState) => Partial<StudioState>)) => void;
  readonly get: () => StudioState;
  readonly studio: StudioApi;
}
