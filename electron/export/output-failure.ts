import { type ErrorCode, StudioError } from "../../src-core/errors.ts";

const codes: Readonly<Record<string, ErrorCode>> = {
  EACCES: "output-permission",
  EPERM: "output-permission",
  EROFS: "output-permission",
  ENOSPC: "output-space",
  EDQUOT: "output-space",
  EFBIG: "output-space",
  ENOENT: "output-invalid",
  ENOTDIR: "output-invalid",
  ENAMETOOLONG: "output-invalid",
  EEXIST: "output-exists",
};

/** What the system refused when something was to be written, as a failure. One that is a failure already stays as it is. */
export function outputFailure(error: unknown, what: string, where: string, advice?: string): StudioError {
  if (error instanceof StudioError) return error;
  const actual = error instanceof Error ? error.message : String(error);
  const code = codes[errnoOf(error) ?? ""] ?? "write-failed";
  return new StudioError({ code, what, where, actual, ...(advice === undefined ? {} : { advice }) }, { cause: error });
}

/** "ENOSPC" and its like; undefined for what no call of the system refused. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
