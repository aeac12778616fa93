import { StudioError } from "../../src-core/errors.ts";

/**
 * What to tell a person when the system refuses to open, map or read `where`. An error that the system did not give is a bug
 * and comes back as it is.
 */
export function readFailure(error: unknown, where: string): unknown {
  if (error instanceof StudioError || !isSystemError(error)) return error;
  switch (error.code) {
    case "ENOENT":
    case "ENOTDIR":
      return new StudioError(
        {
          code: "checkpoint-not-found",
          what: "There is no such file or folder",
          where,
          advice: "Look at the path, or put it back where it was",
        },
        { cause: error },
      );
    case "EACCES":
    case "EPERM":
      return failure(
        error,
        "checkpoint-permission",
        "Not permitted to read",
        where,
        "Change the permissions, or copy the model to a place of your own",
      );
    default:
      return failure(error, "read-failed", "Reading failed", where, adviceFor(error.code));
  }
}

function failure(
  error: NodeJS.ErrnoException,
  code: "checkpoint-permission" | "read-failed",
  what: string,
  where: string,
  advice: string,
): StudioError {
  return new StudioError({ code, what, where, actual: error.message, advice }, { cause: error });
}

function adviceFor(code: string | undefined): string {
  switch (code) {
    case "EMFILE":
    case "ENFILE":
      return "Too many files are open: close other programs, or raise the limit (`ulimit -n`)";
    case "EBUSY":
      return "Another program is writing the file: wait until it is done";
    case "ENODEV":
    case "ENOMEM":
      return "The file cannot be mapped into memory from there: copy the model to a local disk";
    default:
      return "Check the disk and its connection, then open the model again";
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error && "syscall" in error && typeof error.code === "string";
}
