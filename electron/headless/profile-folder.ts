import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const prefix = "chat-vector-studio-";

/** Makes a folder for Chromium's own files of this process. */
export function makeProfileFolder(): string {
  return mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));
}

/**
 * Removes this process's folder, and what is left of those of processes that have ended: Chromium's other processes go on
 * writing for a moment (seen: in 5 of 6 runs a file of 100 bytes came after the removal), so each run tidies up behind the last.
 */
export function removeProfileFolders(own: string): void {
  removeFolder(own);
  for (const name of namesIn(tmpdir())) {
    const owner = name.startsWith(prefix) ? /^(\d+)-/.exec(name.slice(prefix.length))?.[1] : undefined;
    if (owner !== undefined && hasEnded(Number(owner))) removeFolder(join(tmpdir(), name));
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function hasEnded(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}

/** Someone else's, or one that is still written to, stays. */
function removeFolder(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true, maxRetries: 3, retryDelay: 20 });
  } catch {}
}
