import type { StudioState } from "./studio-state.ts";
import { completeVectorsOf } from "./vectors.ts";

/** What is merged here: the recipe's file, else the target and what is added to it; "" while neither is there. */
export function mergeNameOf(state: Pick<StudioState, "document" | "target" | "vectors">): string {
  if (state.document !== null) return state.document.name;
  const target = state.target.model?.name;
  const vectors = completeVectorsOf(state);
  if (target === undefined || vectors.length === 0) return "";
  return [target, ...vectors.map(({ chat }) => chat.model.name)].join(" + ");
}
