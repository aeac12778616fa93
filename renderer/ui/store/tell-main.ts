import type { StudioApi, ToldState } from "../../../electron/api.ts";
import type { StudioState } from "./studio-state.ts";

/** Menus need not follow every move of a slider. */
const tellDelayMs = 100;

/**
 * Keeps main told of what its menus offer and what closing would lose, as it changes.
 * @param toTell what to tell of a state
 * @returns to be called on every change of the state
 */
export function createTeller(
  studio: Pick<StudioApi, "tellState">,
  get: () => StudioState,
  toTell: (state: StudioState) => ToldState,
): () => void {
  let isWaiting = false;
  let told = "";
  return () => {
    if (isWaiting) return;
    isWaiting = true;
    setTimeout(() => {
      isWaiting = false;
      const state = toTell(get());
      const text = JSON.stringify(state);
      if (text === told) return;
      told = text;
      // Main gone is said by whatever the user does next.
      studio.tellState(state).catch(() => undefined);
    }, tellDelayMs);
  };
}
