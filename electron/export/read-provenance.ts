import { join } from "node:path";
import { StudioError } from "../../src-core/errors.ts";
import { maximumProvenanceBytes } from "../../src-core/limits.ts";
import { type Provenance, provenanceName, provenanceSchema } from "../../src-core/provenance/provenance.ts";
import { readFailure } from "../checkpoints/read-failure.ts";
import { readSmallFile } from "../checkpoints/read-small-file.ts";

/** What an exported folder records of itself. Rejects with a StudioError when there is nothing of the kind. */
export async function readProvenance(folder: string): Promise<Provenance> {
  const path = join(folder, provenanceName);
  try {
    return parseProvenance(await readSmallFile(path, maximumProvenanceBytes), path);
  } catch (error) {
    throw readFailure(error, path);
  }
}

/** `path` stands for it in messages. Throws a StudioError. */
export function parseProvenance(text: Uint8Array, path: string): Provenance {
  try {
    const parsed = provenanceSchema.safeParse(JSON.parse(Buffer.from(text).toString("utf8")));
    if (!parsed.success) throw unreadable(path, parsed.error.issues[0]?.message ?? "another form");
    return parsed.data;
  } catch (error) {
    if (error instanceof SyntaxError) throw unreadable(path, error.message);
    throw error;
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
