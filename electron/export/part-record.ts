import { readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { StudioError } from "../../src-core/errors.ts";
import { maximumRecordBytes } from "../../src-core/limits.ts";
import type { OutputLayout } from "../../src-core/plan/merge-plan.ts";
import type { Part } from "../../src-core/plan/part-plan.ts";
import type { ExportResult } from "../api/exports.ts";
import { readSmallFile } from "../checkpoints/read-small-file.ts";
import { type ExportBasis, exportRecordSchema } from "./export-record.ts";
import { outputFailure } from "./output-failure.ts";

const recordName = "chat-vector-part.json";

const count = z.number().int().min(0);

/** What a finished part was made of and holds: lies beside its files. */
const partRecordSchema = z.strictObject({
  format: z.literal(1),
  index: count,
  count,
  /** Of the whole merge. */
  basis: exportRecordSchema.pick({ version: true, recipe: true, sources: true, plan: true }),
  backend: exportRecordSchema.shape.backend,
  because: z.string(),
  files: z.array(z.strictObject({ name: z.string(), bytes: count, sha256: z.string().nullable() })),
  tensors: z.strictObject({ merged: count, copied: count }),
  verified: z.strictObject({ samples: count, mismatches: count }),
  bytesRead: count,
  bytesWritten: count,
  seconds: z.number(),
  /** ISO 8601. */
  finishedAt: z.string(),
  /** What became known while it was merged. */
  problems: z.array(z.strictObject({ message: z.string(), tensors: z.array(z.string()) })),
});

/** Throws what is wrong with it. */
export function parsePartRecord(text: Uint8Array): PartRecord {
  return partRecordSchema.parse(JSON.parse(Buffer.from(text).toString("utf8")));
}

export type PartRecord = z.output<typeof partRecordSchema>;

/** Where the parts of an output lie until they are put together. */
export function partsPath(output: string): string {
  return `${output}.parts`;
}

export function partPath(output: string, { index, count }: Part): string {
  return join(partsPath(output), `part-${index}-of-${count}`);
}

export async function writePartRecord(
  folder: string,
  { index, count }: Part,
  basis: ExportBasis,
  result: ExportResult,
): Promise<void> {
  const { version, recipe, sources, plan } = basis;
  const { backend, adapter, because, files, tensors, verified, bytesRead, bytesWritten, seconds, problems } = result;
  const record: PartRecord = {
    format: 1,
    index,
    count,
    basis: { version, recipe, sources, plan },
    backend: { kind: backend, adapter },
    because,
    files: [...files],
    tensors,
    verified,
    bytesRead,
    bytesWritten,
    seconds,
    finishedAt: new Date().toISOString(),
    problems: problems
      .filter(({ code }) => code === "output-non-finite")
      .map(({ message, tensors = [] }) => ({ message, tensors: [...tensors] })),
  };
  await writeFile(join(folder, recordName), `${JSON.stringify(record, null, 1)}\n`).catch((error: unknown) => {
    throw outputFailure(error, "Writing failed", folder);
  });
}

/** All parts of an output, in their order. Rejects with `parts-missing` when there are not all, or of several counts. */
export async function readParts(output: string): Promise<PartRecord[]> {
  const folder = partsPath(output);
  const names = await readdir(folder).catch((error: unknown) => {
    throw outputFailure(error, "There are no parts", folder, "Merge each part first, with --part 1/4 and so on");
  });
  const found = names.flatMap((name) => {
    const match = /^part-(\d+)-of-(\d+)$/.exec(name);
    return match === null ? [] : [{ index: Number(match[1]), count: Number(match[2]) }];
  });
  const counts = [...new Set(found.map(({ count }) => count))];
  const [count] = counts;
  if (counts.length !== 1 || count === undefined) {
    const actual = counts.length === 0 ? "none" : `parts of ${counts.join(" and of ")}`;
    throw missing(folder, "the parts of one merge", actual);
  }
  const absent = Array.from({ length: count }, (_, at) => at + 1).filter(
    (index) => !found.some((part) => part.index === index),
  );
  if (absent.length > 0) throw missing(folder, `${count} finished parts`, `without ${absent.slice(0, 20).join(", ")}`);
  const parts = found.sort((a, b) => a.index - b.index);
  return await Promise.all(parts.map((part) => readPart(partPath(output, part), part)));
}

/** What a part's folder says of it. Rejects with a StudioError. */
export async function readPart(folder: string, part: Part): Promise<PartRecord> {
  const path = join(folder, recordName);
  try {
    const record = parsePartRecord(await readSmallFile(path, maximumRecordBytes));
    if (record.index !== part.index || record.count !== part.count) throw new Error("it is of another part");
    return record;
  } catch (error) {
    throw outputFailure(error, "A part's record cannot be read", path, "Merge that part again");
  }
}

/** Whether a file of the layout is there, in its size. */
export async function hasFile(path: string, { byteLength }: OutputLayout["files"][number]): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() === true && found.size === byteLength;
}

function missing(where: string, expected: string, actual: string): StudioError {
  return new StudioError({
    code: "parts-missing",
    what: "The parts do not make a whole",
    where,
    expected,
    actual,
    advice: "Merge what is missing, each with --part, then --finish again",
  });
}
