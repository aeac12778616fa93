import { StudioError } from "../../errors.ts";
import { quoteName } from "../quote.ts";

/** A zip archive that PyTorch would not have written. `entry` names the member it is about. */
export function zipInvalid(file: string, expected: string, actual: string, entry?: string): StudioError {
  return new StudioError({
    code: "zip-invalid",
    what: "The file's zip archive is not one that PyTorch writes",
    where: entry === undefined ? file : `${file}, ${quoteName(entry)}`,
    expected,
    actual,
  });
}
