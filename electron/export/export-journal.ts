import { open, rename, truncate, writeFile } from "node:fs/promises";
import type { FileRange } from "../../src-core/engine/file-ranges.ts";
import { addRange, listRanges, type RangesByFile } from "../../src-core/engine/file-ranges.ts";
import { decodeJournal, encodeSynced, encodeWritten, type WrittenRange } from "../../src-core/engine/journal.ts";
import { maximumJournalBytes } from "../../src-core/limits.ts";
import { readSmallFile } from "../checkpoints/read-small-file.ts";
import { syncPath } from "./sync-path.ts";

/** What a journal on disk (src-core/engine/journal.ts) says is done. */
export interface JournalState {
  readonly done: readonly FileRange[];
  readonly nonFinite: readonly WrittenRange[];
}

/**
 * Makes a journal ready to be gone on with: what a crash cut is taken off, and where the session is another one, all that was
 * not synced. `isLost` names ranges of files that had to be laid out anew.
 */
export async function recoverJournal(
  path: string,
  { sameSession, lostFiles }: { readonly sameSession: boolean; readonly lostFiles: ReadonlySet<number> },
): Promise<JournalState> {
  const { written, synced, nonFinite, byteLength } = decodeJournal(await readSmallFile(path, maximumJournalBytes));
  if (sameSession && lostFiles.size === 0) {
    await truncate(path, byteLength);
    return { done: listRanges(written), nonFinite };
  }
  const trusted = sameSession ? written : synced;
  const done = listRanges(trusted).filter(({ file }) => !lostFiles.has(file));
  const kept: RangesByFile = new Map();
  for (const range of done) addRange(kept, range);
  const stillNonFinite = nonFinite.filter(
    ({ file, byteOffset, byteLength: length }) => kept.get(file)?.covers(byteOffset, byteOffset + length) === true,
  );
  await rewrite(path, done, stillNonFinite, !sameSession);
  return { done, nonFinite: stillNonFinite };
}

/** As `recoverJournal` would find it, which is left as it is. */
export async function readJournal(
  path: string,
  { sameSession }: { readonly sameSession: boolean },
): Promise<JournalState> {
  const { written, synced, nonFinite } = decodeJournal(await readSmallFile(path, maximumJournalBytes));
  return { done: listRanges(sameSession ? written : synced), nonFinite };
}

/** After the files were synced: records that all written so far is on the disk for good. No one else writes to the journal now. */
export async function recordSynced(path: string, recordedBytes: number): Promise<void> {
  const file = await open(path, "a");
  try {
    await file.write(encodeSynced(recordedBytes));
    await file.sync();
  } finally {
    await file.close();
  }
}

async function rewrite(
  path: string,
  done: readonly FileRange[],
  nonFinite: readonly WrittenRange[],
  isSynced: boolean,
): Promise<void> {
  const ranges = done.map(({ file, start, end }) => ({
    file,
    byteOffset: start,
    byteLength: end - start,
    newNonFinite: 0,
  }));
  const records = encodeWritten([...ranges, ...nonFinite]);
  await writeFile(`${path}.new`, isSynced ? Buffer.concat([records, encodeSynced(records.byteLength)]) : records);
  await syncPath(`${path}.new`);
  await rename(`${path}.new`, path);
}
