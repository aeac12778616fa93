import { type ErrorCode, StudioError } from "../src-core/errors.ts";

/** What a call of the system refused, as a failure; anything else is passed on. */
export function sampleFailure(error: unknown, where: string): unknown {
  const errno = errnoOf(error);
  if (error instanceof StudioError || errno === undefined) return error;
  const codes: Readonly<Record<string, ErrorCode>> = {
    EACCES: "output-permission",
    EPERM: "output-permission",
    EROFS: "output-permission",
    ENOSPC: "output-space",
    EDQUOT: "output-space",
    ENOTDIR: "output-invalid",
    ENAMETOOLONG: "output-invalid",
  };
  const code = codes[errno] ?? "write-failed";
  const actual = error instanceof Error ? error.message : String(error);
  return new StudioError({ code, what: "The samples cannot be written", where, actual }, { cause: error });
}

export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
