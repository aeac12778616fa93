import { open, readdir } from "node:fs/promises";
import { join } from "node:path";

/** Puts a file, or what a folder lists, on the disk for good. Rejects with the system's error. */
export async function syncPath(path: string): Promise<void> {
  // Windows syncs no folders (its file systems order renames themselves), and files only when opened for writing.
  const file = await open(path, "r+").catch(() => open(path, "r").catch(() => null));
  if (file === null) {
    if (process.platform === "win32") return;
    throw Object.assign(new Error(`${path} cannot be opened to be synced`), { code: "EIO" });
  }
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The files of a folder, then the folder. */
export async function syncFolder(path: string): Promise<void> {
  for (const name of await readdir(path)) await syncPath(join(path, name));
  await syncPath(path);
}
