import { isBlocking } from "../../../src-core/plan/problem.ts";
import { formatCounted } from "../format/format.ts";
import { isJobRunning } from "./job-phase.ts";
import { allPlaces, type Place, slotAt } from "./place.ts";
import type { StudioState } from "./studio-state.ts";
import { vectorNameOf } from "./vectors.ts";

/** What stands between the user and Export, as a short sentence; null when nothing does. */
export function exportBlocker(state: StudioState): string | null {
  const places = allPlaces(state);
  const missing = places.filter((place) => slotAt(state, place)?.model === null);
  if (isJobRunning(state)) return "An export is running";
  if (missing.length > 0) return `Choose the ${joinWords(missing.map((place) => describePlace(state, place)))}`;
  if (places.some((place) => slotAt(state, place)?.opening !== null)) return "A model is being opened";
  return (
    scaleBlocker(state) ??
    (state.planFailure !== null ? "The plan failed" : (planBlocker(state) ?? outputBlocker(state)))
  );
}

function scaleBlocker(state: StudioState): string | null {
  for (const { id, scaleError, rules } of state.vectors) {
    const of = state.vectors.length === 1 ? "" : ` of ${vectorNameOf(state, id)}`;
    if (scaleError !== null) return `λ${of} is not a number that can be used`;
    if (rules.some((rule) => rule.scaleError !== null)) return `A rule’s λ${of} is not a number that can be used`;
  }
  return null;
}

/** "chat", or "chat of math" among several vectors. */
function describePlace(state: StudioState, { role, vector }: Place): string {
  return vector === null || state.vectors.length === 1 ? role : `${role} of ${vectorNameOf(state, vector)}`;
}

function joinWords(words: readonly string[]): string {
  return words.join(", ").replace(/, ([^,]+)$/, " and $1");
}

function planBlocker({ plan }: StudioState): string | null {
  // A plan that is being renewed for another λ stands: main plans again from the recipe it is given.
  if (plan === null) return "Planning";
  if (plan.exportable) return null;
  const blocking = plan.problems.filter(isBlocking);
  const errors = blocking.filter(({ severity }) => severity === "error").length;
  const decisions = blocking.length - errors;
  if (errors > 0) return `${formatCounted(errors, "error")} to resolve`;
  return decisions > 0 ? `${formatCounted(decisions, "decision")} to take` : "Nothing can be exported";
}

function outputBlocker({ output, outputFailure, overwrite }: StudioState): string | null {
  if (output === null) return outputFailure === null ? "Choosing an output folder" : "No output folder";
  if (output.exists && !overwrite) return "The output folder exists";
  return null;
}
