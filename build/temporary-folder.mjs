import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Makes a folder in the system's temporary one that is gone when this process ends. What processes that were killed have left
 * of the same purpose is removed: the names say whose they are.
 * @param {string} purpose
 * @returns {{ path: string, remove: () => void }}
 */
export function temporaryFolder(purpose) {
  const prefix = `chat-vector-${purpose}-`;
  removeAbandoned(prefix);
  const path = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));
  const remove = () => removeFolder(path);
  process.once("exit", remove);
  return { path, remove };
}

/** @param {string} prefix */
function removeAbandoned(prefix) {
  for (const name of readdirSync(tmpdir())) {
    const owner = name.startsWith(prefix) ? /^(\d+)-/.exec(name.slice(prefix.length))?.[1] : undefined;
    if (owner !== undefined && !isAlive(Number(owner))) removeFolder(join(tmpdir(), name));
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Someone else's process may not be asked, but is there.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Tidying up fails nothing: what a process still writes to is left to the next run. @param {string} path */
function removeFolder(path) {
  try {
    rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  } catch {}
}
