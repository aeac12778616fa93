import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { StudioError } from "../../src-core/errors.ts";
import { errnoOf } from "../output-failure.ts";

const lockName = "lock";

/** Takes an unfinished export for this process. Throws `output-exists` when another one that is alive has it. */
export async function lockExport(workspace: string): Promise<void> {
  const path = join(workspace, lockName);
  const holder = Number(await readFile(path, "utf8").catch(() => "0"));
  if (holder > 0 && holder !== process.pid && isAlive(holder)) {
    throw new StudioError({
      code: "output-exists",
      what: "Another export is writing there",
      where: workspace,
      actual: `process ${holder}`,
      advice: `Wait for it, or choose another folder. If no such process is Chat Vector Studio's, remove ${path}`,
    });
  }
  await writeFile(path, String(process.pid));
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
