import { StudioError } from "../../src-core/errors.ts";

/** `write-failed`: what the disk holds is not to be relied on any more, whatever it had accepted. */
export function lostDisk(what: string, where: string, error: unknown): StudioError {
  const actual = error instanceof Error ? error.message : String(error);
  const advice = "See that the disk is connected, works, and has room";
  return new StudioError({ code: "write-failed", what, where, actual, advice }, { cause: error });
}
