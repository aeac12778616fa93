import { cp, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { StudioError } from "../../src-core/errors.ts";
import { errnoOf, outputFailure } from "../output-failure.ts";
import { hashSmallFile as hashFile } from "./provenance-files.ts";
import { syncFolder, syncPath } from "./sync-path.ts";

/**
 * Moves an exported folder: in one step on one file system; across two it is copied beside its new name, every file compared by
 * SHA-256, named, and only then taken away from its old place. Rejects with a StudioError; then the folder is where it was.
 */
export async function moveExport(from: string, to: string): Promise<void> {
  if (await stat(to).catch(() => null)) {
    throw new StudioError({ code: "output-exists", what: "Something is there already", where: to });
  }
  try {
    await rename(from, to);
    await syncPath(dirname(to)).catch(() => undefined);
  } catch (error) {
    if (errnoOf(error) !== "EXDEV") throw outputFailure(error, "The folder could not be moved", to);
    await copyThenRemove(from, to);
  }
}

async function copyThenRemove(from: string, to: string): Promise<void> {
  const copy = `${to}.moving`;
  try {
    await cp(from, copy, { recursive: true, errorOnExist: true, force: false, preserveTimestamps: true });
    await syncFolder(copy);
    for (const name of await readdir(from)) await compare(join(from, name), join(copy, name));
    await rename(copy, to);
    await syncPath(dirname(to)).catch(() => undefined);
  } catch (error) {
    await rm(copy, { recursive: true, force: true }).catch(() => undefined);
    throw outputFailure(error, "The folder could not be moved", to, "It is where it was");
  }
  await rm(from, { recursive: true }).catch((error: unknown) => {
    throw outputFailure(error, "The model was moved, but its old folder could not be removed", from);
  });
}

async function compare(original: string, copy: string): Promise<void> {
  if ((await hashFile(original)) === (await hashFile(copy))) return;
  throw new StudioError({
    code: "verification-failed",
    what: "The copy differs from the original",
    where: copy,
    advice: "It is where it was. If it happens again the disk or the memory is at fault",
  });
}
