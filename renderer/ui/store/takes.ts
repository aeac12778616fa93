import type { ToldState } from "../../../electron/api/window.ts";
import { isJobRunning } from "./job-phase.ts";
import type { ModelSlot } from "./model-slot.ts";
import { allPlaces, slotAt } from "./place.ts";
import type { StudioState } from "./studio-state.ts";

/** What the system may hand over to this window: anything where nothing was begun, models where one is missing. */
export function takesOf(state: StudioState): ToldState["takes"] {
  if (isJobRunning(state) || state.dropped.length > 0 || state.droppedNames.length > 0) return "nothing";
  const slots = allPlaces(state).flatMap((place) => slotAt(state, place) ?? []);
  const isBegun = state.document !== null || state.past.length > 0 || state.job !== null;
  if (!isBegun && slots.every(isUntouched)) return "anything";
  return slots.some(({ model, opening }) => model === null && opening === null) ? "models" : "nothing";
}

function isUntouched({ model, opening, failure }: ModelSlot): boolean {
  return model === null && opening === null && failure === null;
}
