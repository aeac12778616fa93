import { StudioError } from "../../src-core/errors.ts";
import { errnoOf, outputFailure } from "../export/output-failure.ts";

/** What a call of the system refused, as a failure; anything else is passed on. */
export function sampleFailure(error: unknown, where: string): unknown {
  if (error instanceof StudioError || errnoOf(error) === undefined) return error;
  return outputFailure(error, "The samples cannot be written", where);
}
