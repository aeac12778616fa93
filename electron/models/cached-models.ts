import type { Dirent } from "node:fs";
import { opendir, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { mapInOrder } from "../../src-core/checkpoint/map-in-order.ts";
import { StudioError } from "../../src-core/errors.ts";
import { maximumCachedFileCount, maximumCachedModelCount } from "../../src-core/limits.ts";
import { unfinishedBytes } from "../checkpoints/cached-download.ts";
import { snapshotState } from "./cached-snapshot.ts";

/** A model in a place that holds several (a snapshot in the local Hugging Face cache), as its folder shows it: no file of it is opened. */
export interface CachedSnapshot {
  /** "org/name". */
  readonly name: string;
  /** The snapshot's folder, or the model's where it has none. */
  readonly path: string;
  /** The branch or tag that leads to it, "main" usually; else the beginning of its hash; null where there are no snapshots. */
  readonly revision: string | null;
  /** Of the weights that would be read. */
  readonly bytes: number;
  /** When something was last put there. */
  readonly modifiedMs: number;
  /** Why it cannot be opened; null where nothing shows that it cannot. */
  readonly problem: string | null;
}

export interface CachedModels {
  /** False: there is no such folder. */
  readonly exists: boolean;
  /** By date, the latest first. */
  readonly models: readonly CachedSnapshot[];
  /** There are more models than are listed. */
  readonly truncated: boolean;
}

/** Each waits for a few calls of the file system, four of which run at a time. */
const concurrency = 16;
/** "<hash>\n"; what is longer is something else. */
const maximumRefBytes = 256;

/**
 * Lists what the cache folder holds: links and links to links are followed, and what is broken or unfinished is listed with the
 * reason. Rejects with `checkpoint-permission` or `read-failed` where the folder itself cannot be read. 200 models of three shards
 * take some 0.1 s, none of it in one piece.
 */
export async function listCachedModels(folder: string): Promise<CachedModels> {
  const found = await modelFolders(folder);
  if (found === null) return { exists: false, models: [], truncated: false };
  const listed = await mapInOrder(found.names, concurrency, (name) => snapshotsOf(folder, name));
  const models = listed.flat().sort((a, b) => b.modifiedMs - a.modifiedMs || (a.name < b.name ? -1 : 1));
  return { exists: true, models, truncated: found.truncated };
}

async function modelFolders(folder: string): Promise<{ readonly names: string[]; readonly truncated: boolean } | null> {
  const names: string[] = [];
  try {
    for await (const { name } of await opendir(folder, { bufferSize: 1024 })) {
      if (!name.startsWith("models--")) continue;
      if (names.length === maximumCachedModelCount) return { names, truncated: true };
      names.push(name);
    }
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "ENOENT") return null;
    throw unreadable(error, code, folder);
  }
  return { names, truncated: false };
}

function unreadable(error: unknown, code: unknown, where: string): StudioError {
  const isForbidden = code === "EACCES" || code === "EPERM";
  return new StudioError(
    {
      code: isForbidden ? "checkpoint-permission" : "read-failed",
      what: "This folder of models cannot be read",
      where,
      ...(isForbidden ? {} : { actual: error instanceof Error ? error.message : String(error) }),
      advice: isForbidden
        ? "Change the folder's permissions, or look in one of your own: HF_HUB_CACHE says where the Hugging Face cache is"
        : "Give it another one in the settings, or, of the Hugging Face cache, in HF_HOME or HF_HUB_CACHE",
    },
    { cause: error },
  );
}

/** What of a model is worth a line: its main snapshot and others that are whole. One that shows nothing else shows its fault. */
async function snapshotsOf(folder: string, folderName: string): Promise<readonly CachedSnapshot[]> {
  const path = join(folder, folderName);
  const name = folderName.slice("models--".length).replace("--", "/");
  const [refs, hashes] = await Promise.all([refsOf(path), entriesOf(join(path, "snapshots"))]);
  const snapshots = await Promise.all(
    hashes
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map((hash) =>
        readSnapshot(name, join(path, "snapshots", hash.name), refs.get(hash.name) ?? hash.name.slice(0, 7)),
      ),
  );
  const whole = snapshots.filter(({ problem }) => problem === null);
  if (whole.length > 0) return whole;
  const unfinished = await unfinishedBytes(join(path, "blobs"));
  const [worst] = [...snapshots].sort(
    (a, b) => Number(b.revision === "main") - Number(a.revision === "main") || b.bytes - a.bytes,
  );
  if (worst !== undefined)
    return [unfinished === null ? worst : { ...worst, problem: "its download has not finished" }];
  const problem = unfinished === null ? "nothing of it was downloaded" : "its download has not finished";
  return [{ name, path, revision: null, bytes: unfinished ?? 0, modifiedMs: await modifiedOf(path), problem }];
}

async function readSnapshot(name: string, path: string, revision: string): Promise<CachedSnapshot> {
  const [entries, modifiedMs] = await Promise.all([entriesOf(path), modifiedOf(path)]);
  const { bytes, problem } = await snapshotState(
    path,
    entries.map((entry) => entry.name),
  );
  return { name, path, revision, bytes, modifiedMs, problem };
}

/** Branches and tags by the hash of their snapshot; `main` before others. */
async function refsOf(path: string): Promise<ReadonlyMap<string, string>> {
  const refs = new Map<string, string>();
  const names = (await entriesOf(join(path, "refs")))
    .filter((entry) => !entry.isDirectory())
    .map((entry) => entry.name);
  for (const ref of names.sort((a, b) => Number(a === "main") - Number(b === "main"))) {
    const hash = await readRef(join(path, "refs", ref));
    if (hash !== null) refs.set(hash, ref);
  }
  return refs;
}

async function readRef(path: string): Promise<string | null> {
  try {
    const stats = await stat(path);
    // A pipe would be waited for.
    if (!stats.isFile() || stats.size > maximumRefBytes) return null;
    return (await readFile(path, "utf8")).trim();
  } catch {
    return null;
  }
}

/** Empty where there is nothing, or nothing that may be read. */
export async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  const entries: Dirent[] = [];
  try {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      entries.push(entry);
      if (entries.length === maximumCachedFileCount) break;
    }
  } catch {
    return [];
  }
  return entries;
}

export async function modifiedOf(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}
