import { type ErrorCode, StudioError } from "../../src-core/errors.ts";
import type { MergePlan } from "../../src-core/plan/merge-plan.ts";
import { isBlocking, isMismatch, type Problem, type ProblemCode } from "../../src-core/plan/problem.ts";

const errorCodeOf: Partial<Record<ProblemCode, ErrorCode>> = {
  "architecture-differs": "models-differ",
  "hidden-size-differs": "models-differ",
  "layer-count-differs": "models-differ",
  "shape-differs": "shape-mismatch",
  "quantized-packed": "checkpoint-unsupported",
  adapter: "checkpoint-unsupported",
  "scales-unreadable": "checkpoint-unsupported",
  "nothing-to-merge": "nothing-to-merge",
  "vector-empty": "nothing-to-merge",
};

/** Throws the first reason why the plan must not be executed, if there is one. */
export function refuseUnexecutable(plan: MergePlan): void {
  const blocking = plan.problems.find(isBlocking);
  if (blocking !== undefined) throw errorOf(blocking);
}

/** Throws when some model's weights are no numbers: packed, an adapter's, or without scales that can be understood. */
export function refuseUnreadable(problems: readonly Problem[]): void {
  const unreadable = problems.find(({ code }) => errorCodeOf[code] === "checkpoint-unsupported");
  if (unreadable !== undefined) throw errorOf(unreadable);
}

function errorOf({ code, message, expected, actual }: Problem): StudioError {
  return new StudioError({
    code: errorCodeOf[code] ?? "decision-needed",
    what: message,
    ...(expected === undefined ? {} : { expected }),
    ...(actual === undefined ? {} : { actual }),
    ...(isMismatch(code) ? { advice: "Keep the target's values for such tensors (--on-mismatch keep-target)" } : {}),
  });
}
