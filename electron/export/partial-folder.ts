import { open, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { OutputLayout } from "../../src-core/plan/merge-plan.ts";
import type { ExportRecord } from "./export-record.ts";
import { preallocate } from "./preallocate.ts";
import { syncPath } from "./sync-path.ts";

/** What lies in the folder of an export that is being written (export-workspace.ts). */
export const recordName = "chat-vector-partial.json";
export const journalName = "journal";
export const modelName = "model";
export const replacedName = "replaced";

export function workspacePath(output: string): string {
  return `${output}.partial`;
}

/** What an end that was cut short has taken from under the output's name stands there again: whatever comes now may be cancelled. */
export async function giveBack(output: string): Promise<void> {
  const replaced = join(workspacePath(output), replacedName);
  if ((await exists(replaced)) && !(await exists(output))) await rename(replaced, output);
}

/** Output files that are not there in their size (a crash of the system may take them) are made anew; returns which. */
export async function restoreFiles(folder: string, layout: OutputLayout): Promise<Set<number>> {
  const lost = new Set<number>();
  for (const [index, { name, byteLength }] of layout.files.entries()) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => null);
    if (found?.isFile() === true && found.size === byteLength) continue;
    await rm(path, { recursive: true, force: true });
    await layOut(path, byteLength);
    lost.add(index);
  }
  return lost;
}

export async function layOut(path: string, byteLength: number): Promise<void> {
  const file = await open(path, "wx");
  await preallocate(file, byteLength).finally(() => file.close());
}

export async function writeRecord(workspace: string, record: ExportRecord): Promise<void> {
  const path = join(workspace, recordName);
  await writeFile(`${path}.new`, `${JSON.stringify(record, null, 2)}\n`);
  await syncPath(`${path}.new`);
  await rename(`${path}.new`, path);
}

/** Some file systems do not sync folders. Files are another matter. */
export function ignoreFolders(error: unknown): void {
  const code = error instanceof Error && "code" in error ? error.code : "";
  if (code !== "EINVAL" && code !== "ENOTSUP" && code !== "EISDIR" && code !== "EPERM") throw error;
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
