import type { CheckpointSummary } from "../../../electron/api/models.ts";
import { type Kin, proposeRoles } from "../../../src-core/kinship/propose-roles.ts";
import { type ModelSlots, type Role, roles } from "./model-slot.ts";

/** A role of the selected vector, or the chat model of a vector that is added for it, with the first vector's base. */
export type DroppedRole = Role | "further";

/** A model that is open and stands on no card yet, with the role that is proposed for it, or that the user chose. */
export interface DroppedModel {
  readonly model: CheckpointSummary;
  /** Null: left out. */
  readonly role: DroppedRole | null;
  /** Why the role was proposed, as the rest of a sentence that begins with the model's name; null once another was chosen. */
  readonly because: string | null;
  /** Nothing speaks for the proposed role more than for another. */
  readonly isGuess: boolean;
}

/** Newly opened models with the roles that they and the models on the cards speak for. */
export function withProposedRoles(models: readonly CheckpointSummary[], slots: ModelSlots): readonly DroppedModel[] {
  const present = Object.fromEntries(
    roles.flatMap((role) => {
      const { model } = slots[role];
      return model === null ? [] : [[role, kinOf(model)]];
    }),
  );
  const proposals = new Map(proposeRoles(models.map(kinOf), present).map((proposal) => [proposal.id, proposal]));
  return models.map((model) => {
    const { role = null, because = "", isGuess = true } = proposals.get(model.id) ?? {};
    // The three roles are given out: what is more is added as a vector of its own.
    if (role === null)
      return { model, role: "further", because: "comes after the three roles: one more vector", isGuess };
    return { model, role, because, isGuess };
  });
}

/** One model with another role. Who had that role takes the one that becomes free. */
export function withRole(
  dropped: readonly DroppedModel[],
  id: string,
  role: DroppedRole | null,
): readonly DroppedModel[] {
  const before = dropped.find(({ model }) => model.id === id)?.role ?? null;
  return dropped.map((each) => {
    if (each.model.id === id) return { ...each, role, because: each.role === role ? each.because : null };
    return role !== null && role !== "further" && each.role === role ? { ...each, role: before, because: null } : each;
  });
}

function kinOf({ id, name, kinship, vocabularySize }: CheckpointSummary): Kin {
  return { id, name, kinship, vocabularySize };
}

/** The models that take a role of the selected vector, and those that become chat models of further ones. */
export function sortDropped(dropped: readonly DroppedModel[]): {
  readonly placed: readonly (readonly [Role, CheckpointSummary])[];
  readonly further: readonly CheckpointSummary[];
} {
  return {
    placed: dropped.flatMap(({ model, role }) => (role === null || role === "further" ? [] : [[role, model] as const])),
    further: dropped.flatMap(({ model, role }) => (role === "further" ? [model] : [])),
  };
}
