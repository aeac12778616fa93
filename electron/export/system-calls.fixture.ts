import { readlinkSync } from "node:fs";
import system, { type FileHandle, open } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { relative } from "node:path";

/**
 * The files and folders below `folder` that are synced and renamed while `work` runs, in their order, as "sync a" and "rename a b". Each is done
 * as ever, but where `refused` gives the system's code for it. Linux tells which file a descriptor stands for.
 */
export async function systemCallsOf(
  folder: string,
  work: () => Promise<unknown>,
  refused: (call: string) => string | null = () => null,
): Promise<string[]> {
  const calls: string[] = [];
  const note = (what: string, ...paths: readonly string[]) => {
    const call = [what, ...paths.map((path) => relative(folder, path) || ".")].join(" ");
    calls.push(call);
    const code = refused(call);
    if (code !== null) throw Object.assign(new Error(`${code}: refused, ${call}`), { code });
  };
  const prototype = await fileHandlePrototype(folder);
  const { sync } = prototype;
  const { rename } = system;
  prototype.sync = async function (this: FileHandle) {
    note("sync", readlinkSync(`/proc/self/fd/${this.fd}`));
    await sync.call(this);
  };
  system.rename = async (from, to) => {
    note("rename", String(from), String(to));
    await rename(from, to);
  };
  syncBuiltinESMExports();
  try {
    await work();
  } finally {
    prototype.sync = sync;
    system.rename = rename;
    syncBuiltinESMExports();
  }
  return calls;
}

async function fileHandlePrototype(path: string): Promise<FileHandle> {
  const handle = await open(path, "r");
  await handle.close();
  return Object.getPrototypeOf(handle);
}
