import { isBlocking } from "../../../src-core/plan/problem.ts";
import { formatCounted } from "../format/format.ts";
import { isJobRunning } from "./job-phase.ts";
import { missingRoles, roles } from "./model-slot.ts";
import type { StudioState } from "./studio-state.ts";

/** What stands between the user and Export, as a short sentence; null when nothing does. */
export function exportBlocker(state: StudioState): string | null {
  const missing = missingRoles(state.slots);
  if (isJobRunning(state)) return "An export is running";
  if (missing.length > 0) return `Choose the ${missing.join(", ").replace(/, (\w+)$/, " and $1")}`;
  if (roles.some((role) => state.slots[role].opening !== null)) return "A model is being opened";
  if (state.scaleError !== null) return "λ is not a number that can be used";
  if (state.rules.some(({ scaleError }) => scaleError !== null)) return "A rule’s λ is not a number that can be used";
  if (state.planFailure !== null) return "The plan failed";
  return planBlocker(state) ?? outputBlocker(state);
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
