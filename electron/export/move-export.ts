import { cp, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { StudioError } from "../../src-core/errors.ts";
import { errnoOf, outputFailure } from "./output-failure.ts";
import { hashSmallFile as hashFile } from "./provenance-files.ts";
import { syncFolder, syncPath } from "./sync-path.ts";

/** Copies a folder with all that is in it; rejects as the system does. */
export type CopyFolder = (from: string, to: string) => Promise<void>;

const copyFolder: CopyFolder = (from, to) =>
  cp(from, to, { recursive: true, errorOnExist: true, force: false, preserveTimestamps: true });

/**
 * Moves an exported folder: in one step on one file system; across two it is copied beside its new name, every file compared by
 * SHA-256, named, and only then taken away from its old place. Rejects with a StudioError; then the folder is where it was.
 *
 * Killed at any moment, each of the two names stands for the whole model or for nothing, and one of them for the whole: what is half there
 * is called `<to>.moving` or `<from>.moved`, and is removed when the move is tried again.
 */
export async function moveExport(from: string, to: string, copy: CopyFolder = copyFolder): Promise<void> {
  if (await stat(to).catch(() => null)) {
    throw new StudioError({ code: "output-exists", what: "Something is there already", where: to });
  }
  try {
    await rename(from, to);
    await syncPath(dirname(to)).catch(() => undefined);
  } catch (error) {
    if (errnoOf(error) !== "EXDEV") throw outputFailure(error, "The folder could not be moved", to);
    await copyThenRemove(from, to, copy);
  }
}

async function copyThenRemove(from: string, to: string, copy: CopyFolder): Promise<void> {
  const copied = `${to}.moving`;
  const names = await readdir(from);
  await removeRemnant(copied, names);
  try {
    await copy(from, copied);
    await syncFolder(copied);
    for (const name of names) await compare(join(from, name), join(copied, name));
    await rename(copied, to);
    await syncPath(dirname(to)).catch(() => undefined);
  } catch (error) {
    await rm(copied, { recursive: true, force: true }).catch(() => undefined);
    throw outputFailure(error, "The folder could not be moved", to, "It is where it was");
  }
  try {
    const moved = `${from}.moved`;
    await removeRemnant(moved, names);
    // Killed while it is removed, it would look like a model.
    await rename(from, moved);
    await rm(moved, { recursive: true });
  } catch (error) {
    throw outputFailure(error, "The model was moved, but its old folder could not be removed", from);
  }
}

/** What a move that was killed has left. Rejects with `output-exists` when it is something else. */
async function removeRemnant(path: string, names: readonly string[]): Promise<void> {
  const found = await readdir(path).catch(() => null);
  if (found === null) return;
  if (found.some((name) => !names.includes(name))) {
    throw new StudioError({ code: "output-exists", what: "The folder to copy into first is not ours", where: path });
  }
  await rm(path, { recursive: true });
}

async function compare(original: string, copied: string): Promise<void> {
  if ((await hashFile(original)) === (await hashFile(copied))) return;
  throw new StudioError({
    code: "verification-failed",
    what: "The copy differs from the original",
    where: copied,
    advice: "It is where it was. If it happens again the disk or the memory is at fault",
  });
}
