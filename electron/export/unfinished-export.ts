import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { StudioError } from "../../src-core/errors.ts";
import { maximumRecordBytes } from "../../src-core/limits.ts";
import type { OutputLayout } from "../../src-core/plan/merge-plan.ts";
import { readSmallFile } from "../checkpoints/read-small-file.ts";
import { readJournal } from "./export-journal.ts";
import { lockExport } from "./export-lock.ts";
import { type ExportRecord, parseExportRecord } from "./export-record.ts";
import { giveBack, journalName, modelName, recordName, workspacePath } from "./partial-folder.ts";
import { isSameSession, writeSession } from "./write-session.ts";

/** What an unfinished export has its place on the disk for. */
export async function allocatedBytes(output: string, { files }: OutputLayout): Promise<number> {
  let bytes = 0;
  for (const { name } of files) {
    const found = await stat(join(workspacePath(output), modelName, name)).catch(() => null);
    // Windows counts no blocks: there a file has its place when it has its length.
    bytes += found === null ? 0 : found.blocks > 0 ? found.blocks * 512 : found.size;
  }
  return bytes;
}

/** An unfinished export with that output, and how much of it counts now; null when there is none that could go on. */
export async function findUnfinished(
  output: string,
): Promise<{ readonly record: ExportRecord; readonly bytesWritten: number } | null> {
  const path = workspacePath(output);
  try {
    const record = parseExportRecord(await readSmallFile(join(path, recordName), maximumRecordBytes));
    await stat(join(path, modelName));
    const sameSession = isSameSession(record.session, await writeSession(path));
    const { done } = await readJournal(join(path, journalName), { sameSession });
    return { record, bytesWritten: done.reduce((sum, { start, end }) => sum + end - start, 0) };
  } catch {
    return null;
  }
}

/** Removes an unfinished export, and gives back what it was about to replace. Rejects when the folder is not ours or in use. */
export async function removeUnfinished(output: string): Promise<void> {
  const path = workspacePath(output);
  const names = await readdir(path).catch(() => null);
  if (names === null) return;
  if (names.length > 0 && !names.includes(recordName) && !names.includes("lock")) {
    throw new StudioError({
      code: "output-exists",
      what: "The folder to write into first exists and is not ours",
      where: path,
      advice: "Move it away, or choose another output",
    });
  }
  await lockExport(path);
  await giveBack(output);
  await rm(path, { recursive: true, force: true });
}
