import { rm, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { StudioError } from "../../src-core/errors.ts";
import { readSmallFile } from "../checkpoints/read-small-file.ts";
import { errnoOf } from "./output-failure.ts";

const lockName = "lock";

/** Whoever merges writes to the journal more often than this. */
const silentMilliseconds = 5 * 60_000;

/**
 * Takes an unfinished export for this process. Throws `output-exists` when another one has it: one of this machine that is alive, or one of
 * another machine, with which the folder is shared, that has written a moment ago.
 */
export async function lockExport(workspace: string): Promise<void> {
  const path = join(workspace, lockName);
  const text = await readSmallFile(path, 1024).then(
    (bytes) => bytes.toString("utf8"),
    () => "",
  );
  const [pid = "", host = hostname()] = text.trim().split(" ");
  const holder = Number(pid);
  const isHere = host === hostname();
  const isHeld = isHere ? holder !== process.pid && isAlive(holder) : await writesStill(workspace);
  if (holder > 0 && isHeld) {
    throw new StudioError({
      code: "output-exists",
      what: "Another export is writing there",
      where: workspace,
      actual: `process ${holder}${isHere ? "" : ` of ${host}`}`,
      advice: `Wait for it, or choose another folder. If no such process is Chat Vector Studio's, remove ${path}`,
    });
  }
  await writeFile(path, `${process.pid} ${hostname()}`);
}

/** By the clock of where the files lie. */
async function writesStill(workspace: string): Promise<boolean> {
  const probe = join(workspace, `${lockName}.${hostname()}`);
  await writeFile(probe, "");
  const now = (await stat(probe)).mtimeMs;
  await rm(probe, { force: true });
  for (const name of [lockName, "journal"]) {
    const written = (await stat(join(workspace, name)).catch(() => null))?.mtimeMs ?? 0;
    if (now - written < silentMilliseconds) return true;
  }
  return false;
}

export async function unlockExport(workspace: string): Promise<void> {
  await rm(join(workspace, lockName), { force: true });
}

/** Whether there is a process of that number, be it whose it may. */
export function isAlive(process_: number): boolean {
  try {
    process.kill(process_, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and is someone else's.
    return errnoOf(error) === "EPERM";
  }
}
