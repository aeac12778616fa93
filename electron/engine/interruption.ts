import { StudioError } from "../../src-core/errors.ts";

/** What to abort anything with that the user does not want any more. */
export function interrupted(): StudioError {
  return new Interruption(false);
}

/** The user's wish that an export ends: with what it has written kept to be gone on with, or without. */
export class Interruption extends StudioError {
  readonly keepsWritten: boolean;

  constructor(keepsWritten: boolean) {
    const advice = keepsWritten ? undefined : "Nothing was left behind";
    super({ code: "interrupted", what: "Cancelled", ...(advice === undefined ? {} : { advice }) });
    this.keepsWritten = keepsWritten;
  }
}
