import { type ErrorCode, StudioError } from "../../src-core/errors.ts";

const codes: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: "output-space",
  EDQUOT: "output-space",
  EFBIG: "output-space",
  EACCES: "output-permission",
  EPERM: "output-permission",
  EROFS: "output-permission",
};

const advices: Partial<Record<ErrorCode, string>> = {
  "output-space": "Free some space",
  "output-permission": "Make the folder writable",
};

/**
 * The disk did not take what the system had accepted: what was written since the last time it did may be lost, whatever the reason,
 * which is why this is no lack of space that could be mended.
 */
export function syncFailure(path: string, error: unknown): StudioError {
  const actual = error instanceof Error ? error.message : String(error);
  const advice = "See that the disk is connected, works, and has room";
  return new StudioError(
    { code: "write-failed", what: "The disk did not take what was written", where: path, actual, advice },
    { cause: error },
  );
}

/** What the system refused to write, as a failure that says what to do. */
export function writeFailure(path: string, error: unknown): StudioError {
  const errno = error instanceof Error && "code" in error ? String(error.code) : "";
  const code = codes[errno] ?? "write-failed";
  const actual = error instanceof Error ? error.message : String(error);
  const advice = advices[code] ?? "See that the disk is connected and works";
  return new StudioError({ code, what: "Writing failed", where: path, actual, advice }, { cause: error });
}
