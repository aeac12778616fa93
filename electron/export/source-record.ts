import { createHash } from "node:crypto";
import { basename, dirname } from "node:path";
import { z } from "zod";
import { StudioError } from "../../src-core/errors.ts";
import type { MergePlan } from "../../src-core/plan/merge-plan.ts";
import type { Catalog } from "../checkpoints/catalog.ts";
import type { NodeCheckpointFolder } from "../checkpoints/checkpoint-folder.ts";
import { hashFile } from "./hash-file.ts";

/** Of a file's data: looked at in so many places, and so much in each. */
const blockCount = 8;
const blockBytes = 65_536;

const sourceFileSchema = z.strictObject({
  name: z.string(),
  bytes: z.number(),
  /** Milliseconds since 1970. */
  modifiedMs: z.number(),
  /** SHA-256 of size, and of the first 64 KiB, the last, and six between: tells files apart without reading them whole. */
  sample: z.string(),
  /** Of the whole file, where it is known without reading it: the Hugging Face cache names files by it. */
  sha256: z.string().optional(),
});

export const sourceRecordSchema = z.strictObject({
  /** As it was opened. */
  path: z.string(),
  files: z.array(sourceFileSchema),
});

/** What a model that is read was, so that it can be told later whether it still is. */
export type SourceRecord = z.output<typeof sourceRecordSchema>;
export type SourceFileRecord = z.output<typeof sourceFileSchema>;

/** Rejects with a StudioError when a file cannot be read. */
export async function recordSource(
  path: string,
  folder: NodeCheckpointFolder,
  names: readonly string[],
): Promise<SourceRecord> {
  const files: SourceFileRecord[] = [];
  for (const name of names) {
    const file = await folder.open(name);
    const { realPath, modifiedMs } = folder.identityOf(name);
    const hash = createHash("sha256").update(`${file.byteLength}\n`);
    for (let block = 0; block < blockCount; block++) {
      const byteOffset = Math.floor((Math.max(0, file.byteLength - blockBytes) * block) / (blockCount - 1));
      const bytes = new Uint8Array(Math.min(blockBytes, file.byteLength));
      await file.readInto(bytes, byteOffset);
      hash.update(bytes);
    }
    const sha256 = cachedHash(realPath);
    files.push({
      name,
      bytes: file.byteLength,
      modifiedMs,
      sample: hash.digest("hex"),
      ...(sha256 === null ? {} : { sha256 }),
    });
  }
  return { path, files };
}

/** Of all that a plan reads, by its sources. Rejects as `recordSource` does. */
export async function recordSources(plan: Pick<MergePlan, "sources">, catalog: Catalog): Promise<SourceRecord[]> {
  const records: SourceRecord[] = [];
  for (const { checkpoint, files } of plan.sources) {
    const { checkpoint: model, folder } = catalog.get(checkpoint);
    const names = files.map(({ name }) => name);
    records.push(await recordSource(model.path, folder, names));
  }
  return records;
}

/**
 * The records with the SHA-256 of every file, for which those are read whole whose hash is not known. Rejects as `hashFile` does, and with
 * `checkpoint-changed` when one is not the file that was recorded.
 */
export async function withWholeHashes(
  sources: readonly SourceRecord[],
  plan: Pick<MergePlan, "sources">,
  catalog: Catalog,
  signal: AbortSignal,
): Promise<SourceRecord[]> {
  const records: SourceRecord[] = [];
  for (const [index, { path, files }] of sources.entries()) {
    const { folder } = catalog.get(plan.sources[index]?.checkpoint ?? "");
    const hashed: SourceFileRecord[] = [];
    for (const file of files) {
      const sha256 = file.sha256 ?? (await hashFile(folder.identityOf(file.name).realPath, signal));
      hashed.push({ ...file, sha256 });
    }
    const changed = await folder.firstChangedFile();
    if (changed !== null) {
      throw new StudioError({
        code: "checkpoint-changed",
        what: "A model was changed while it was hashed",
        where: changed,
      });
    }
    records.push({ path, files: hashed });
  }
  return records;
}

/** The Hugging Face cache keeps large files as blobs/<SHA-256>. */
function cachedHash(realPath: string): string | null {
  const name = basename(realPath);
  return basename(dirname(realPath)) === "blobs" && /^[0-9a-f]{64}$/.test(name) ? name : null;
}

/** The first file in which they differ, in words; null when they are the same. `timesCount`: a file written anew differs. */
export function sourceDifference(
  recorded: SourceRecord,
  present: SourceRecord,
  { timesCount }: { readonly timesCount: boolean },
): { readonly where: string; readonly expected: string; readonly actual: string } | null {
  if (recorded.files.length !== present.files.length) {
    return {
      where: present.path,
      expected: `${recorded.files.length} files`,
      actual: `${present.files.length} files`,
    };
  }
  for (const [index, before] of recorded.files.entries()) {
    const now = present.files[index];
    if (now === undefined) continue;
    // The sample is of the size as well.
    const same = now.sample === before.sample;
    if (same && (!timesCount || now.modifiedMs === before.modifiedMs)) continue;
    return { where: `${present.path}, ${now.name}`, expected: inWords(before), actual: inWords(now) };
  }
  return null;
}

function inWords({ bytes, modifiedMs, sample }: SourceFileRecord): string {
  return `${bytes} bytes of ${new Date(modifiedMs).toISOString()} (sample ${sample.slice(0, 12)})`;
}
