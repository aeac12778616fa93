import { formatScale } from "../format/format.ts";
import type { LayerCurve } from "./layer-curve.ts";
import { emptySlot, type ModelSlot } from "./model-slot.ts";
import type { ScaleRule } from "./scale-rule.ts";

/** A chat vector as it is being edited: its two models, and all that decides its λ. */
export interface EditedVector {
  readonly id: string;
  /** As a person or a recipe named it; null: it goes by its chat model's name. */
  readonly givenName: string | null;
  readonly chat: ModelSlot;
  readonly base: ModelSlot;
  /** λ in effect. */
  readonly scale: number;
  /** What stands in the field: λ, or what is being typed. */
  readonly scaleText: string;
  readonly scaleError: string | null;
  /** λ outside the layers, where a recipe says another than `scale`. */
  readonly outside: number | null;
  /** Null: level at the scale. */
  readonly curve: LayerCurve | null;
  /** The first that matches a tensor wins. */
  readonly rules: readonly ScaleRule[];
}

export function newVector(id: string, base: ModelSlot = emptySlot): EditedVector {
  return {
    id,
    givenName: null,
    chat: emptySlot,
    base: { ...emptySlot, model: base.model },
    scale: 1,
    scaleText: formatScale(1),
    scaleError: null,
    outside: null,
    curve: null,
    rules: [],
  };
}

export interface CompleteVector extends EditedVector {
  readonly chat: ModelSlot & { readonly model: NonNullable<ModelSlot["model"]> };
  readonly base: ModelSlot & { readonly model: NonNullable<ModelSlot["model"]> };
}

export function isComplete(vector: EditedVector): vector is CompleteVector {
  return vector.chat.model !== null && vector.base.model !== null;
}
