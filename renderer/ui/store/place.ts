import type { CheckpointSummary } from "../../../electron/api/models.ts";
import { idOfSlot, type ModelSlot, type Role } from "./model-slot.ts";
import type { StudioState } from "./studio-state.ts";
import { selectedVectorOf, withVector } from "./vectors.ts";

/** Where a model stands: the target, or the chat or base of one vector. */
export interface Place {
  readonly role: Role;
  /** Null for the target. */
  readonly vector: string | null;
}

type WithModels = Pick<StudioState, "target" | "vectors" | "selectedVector">;

/** The place of a role, with chat and base of the selected vector. */
export function placeOf(state: WithModels, role: Role): Place {
  return { role, vector: role === "target" ? null : selectedVectorOf(state).id };
}

export function placeKey({ role, vector }: Place): string {
  return vector === null ? role : `${vector} ${role}`;
}

/** Null where the vector is gone. */
export function slotAt(state: WithModels, { role, vector }: Place): ModelSlot | null {
  if (role === "target") return state.target;
  return state.vectors.find(({ id }) => id === vector)?.[role] ?? null;
}

export function withSlot(state: WithModels, place: Place, change: Partial<ModelSlot>): Partial<StudioState> {
  const slot = slotAt(state, place);
  if (slot === null) return {};
  const changed = { ...slot, ...change };
  if (place.role === "target" || place.vector === null) return { target: changed };
  return withVector(state, place.vector, { [place.role]: changed });
}

export function allPlaces({ vectors }: Pick<StudioState, "vectors">): readonly Place[] {
  const ofVectors = vectors.flatMap(({ id }) => (["chat", "base"] as const).map((role) => ({ role, vector: id })));
  return [{ role: "target", vector: null }, ...ofVectors];
}

/** The places that show a model. */
export function placesOf(state: WithModels, { id }: CheckpointSummary): readonly Place[] {
  return allPlaces(state).filter((place) => slotAt(state, place)?.model?.id === id);
}

/**
 * Vectors share the first one's base until they get their own: where that one is replaced, theirs is as well. `before` is the
 * base that is replaced, null where the card was empty.
 */
export function placesOfSharedBase(state: WithModels, place: Place, before: string | null): readonly Place[] {
  const [first, ...others] = state.vectors;
  if (place.role !== "base" || first === undefined || place.vector !== first.id) return [place];
  const shared = others.filter(({ base }) => idOfSlot(base) === before && base.opening === null);
  return [place, ...shared.map(({ id }) => ({ role: "base" as const, vector: id }))];
}
