import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { StudioError } from "../../src-core/errors.ts";
import { maximumProvenanceBytes } from "../../src-core/limits.ts";
import { type Provenance, provenanceName, provenanceSchema } from "../../src-core/provenance/provenance.ts";
import { readFailure } from "../read-failure.ts";

/** What an exported folder records of itself. Rejects with a StudioError when there is nothing of the kind. */
export async function readProvenance(folder: string): Promise<Provenance> {
  const path = join(folder, provenanceName);
  try {
    const { size } = await stat(path);
    if (size > maximumProvenanceBytes) throw unreadable(path, `${size} bytes`);
    const parsed = provenanceSchema.safeParse(JSON.parse(await readFile(path, "utf8")));
    if (!parsed.success) throw unreadable(path, parsed.error.issues[0]?.message ?? "another form");
    return parsed.data;
  } catch (error) {
    if (error instanceof SyntaxError) throw unreadable(path, error.message);
    throw readFailure(error, path);
  }
}

function unreadable(where: string, actual: string): StudioError {
  return new StudioError({
    code: "checkpoint-unsupported",
    what: "This is no record of an export by Chat Vector Studio",
    where,
    actual,
  });
}
