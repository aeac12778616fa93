import type { EditedVector } from "./edited-vector.ts";
import type { ScaleRule } from "./scale-rule.ts";
import type { StudioState } from "./studio-state.ts";
import { selectedVectorOf } from "./vectors.ts";

type WithShape = Pick<StudioState, "vectors" | "selectedVector" | "shapedRule">;

/** The rule of the selected vector whose curve is edited; null where it is the vector's own. */
export function shapedRuleOf(state: WithShape): ScaleRule | null {
  return selectedVectorOf(state).rules.find(({ id }) => id === state.shapedRule) ?? null;
}

/** What the curve editor edits: the selected vector, or a rule of it. */
export function shapedOf(state: WithShape): Pick<EditedVector, "scale" | "curve" | "outside"> {
  return shapedRuleOf(state) ?? selectedVectorOf(state);
}
