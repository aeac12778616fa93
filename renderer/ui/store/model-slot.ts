import type { CheckpointSummary } from "../../../electron/api/models.ts";
import type { ShownFailure } from "./shown-failure.ts";

export const roles = ["target", "chat", "base"] as const;
export type Role = (typeof roles)[number];
export const roleNames: Readonly<Record<Role, string>> = { target: "Target", chat: "Chat", base: "Base" };

/** How a model gets into a card. */
export type ModelOrigin =
  | { readonly kind: "folder" | "file" }
  | { readonly kind: "drop"; readonly file: File }
  /** A model that an opened recipe names, by main's id for it. */
  | { readonly kind: "reference"; readonly id: string; readonly name: string }
  /** A recent, cached or proposed model, by main's id for it. */
  | { readonly kind: "offer"; readonly id: string; readonly name: string }
  | { readonly kind: "samples" };

/** One card. A failed or running replacement leaves the model that is there in effect. */
export interface ModelSlot {
  readonly model: CheckpointSummary | null;
  readonly opening: ModelOrigin | null;
  readonly failure: { readonly failure: ShownFailure; readonly retry: ModelOrigin | null } | null;
}

export type ModelSlots = Readonly<Record<Role, ModelSlot>>;

export const emptySlot: ModelSlot = { model: null, opening: null, failure: null };

/** Of the model that stands there, or that an opened recipe wants there; null for neither. */
export function idOfSlot({ model, failure }: ModelSlot): string | null {
  const retry = failure?.retry;
  return model?.id ?? (retry?.kind === "reference" ? retry.id : null);
}

export function missingRoles(slots: ModelSlots): readonly Role[] {
  return roles.filter((role) => slots[role].model === null);
}
