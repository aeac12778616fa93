import type { Outcome } from "../../../electron/api/outcome.ts";
import type { ErrorCode, Failure } from "../../../src-core/errors.ts";

/** A failure as the window shows it: one that main names, or a call that broke on the way (a bug, or main gone). */
export interface ShownFailure extends Omit<Failure, "code"> {
  readonly code: ErrorCode | "unexpected";
}

export type Attempt<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly failure: ShownFailure };

/** Calls main; a rejected call becomes a failure too, so that nothing vanishes. */
export async function attempt<Value>(call: () => Promise<Outcome<Value>>): Promise<Attempt<Value>> {
  try {
    return await call();
  } catch (error) {
    return { ok: false, failure: unexpectedFailure(error) };
  }
}

/** The same for calls that answer nothing: null when all went well. */
export async function attemptVoid(call: () => Promise<void>): Promise<ShownFailure | null> {
  try {
    await call();
    return null;
  } catch (error) {
    return unexpectedFailure(error);
  }
}

function unexpectedFailure(error: unknown): ShownFailure {
  return {
    code: "unexpected",
    what: "Something in the application failed",
    actual: error instanceof Error ? error.message : String(error),
    advice: "Try again; if it stays, restart the application.",
  };
}
