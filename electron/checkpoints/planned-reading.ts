import { readFile } from "node:fs/promises";
import type { Reading, SourceFile } from "../../src-core/engine/protocol.ts";
import type { MergePlan } from "../../src-core/plan/merge-plan.ts";
import type { Catalog, ReadingWish } from "./catalog.ts";

/** A file as far as it matters here. `residentShare` is that of it in the page cache, from 0 to 1. */
interface Weighed {
  readonly byteLength: number;
  readonly residentShare: () => number;
}

/** The files of a plan's sources, and how the engine is to read them from one end to the other. */
export async function filesToStream(plan: Pick<MergePlan, "sources">, catalog: Catalog): Promise<SourceFile[][]> {
  const files = catalog.sourceFiles(plan);
  const opened = await Promise.all(
    plan.sources.flatMap(({ checkpoint, files: ofSource }) => {
      const { folder } = catalog.get(checkpoint);
      return ofSource.map(({ name }) => folder.open(name));
    }),
  );
  const weighed = opened.map((file) => ({
    byteLength: file.byteLength,
    residentShare: () => file.residentShare(),
  }));
  const reading = readingOf(catalog.reading, weighed, await availableBytes());
  if (reading === "buffered") return files;
  return files.map((ofSource) => ofSource.map((file) => ({ ...file, reading })));
}

/**
 * Models that fit into memory beside what is there of them go through the page cache: whoever reads them next finds them in it. Of larger ones nothing
 * would be left in it by the time they are read again; how they are read faster, the engine tries. `available` is null where the system does not tell.
 */
export function readingOf(wish: ReadingWish, files: readonly Weighed[], available: number | null): Reading {
  if (wish !== "auto") return wish;
  const bytes = files.reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (available === null || bytes <= available) return "buffered";
  const cold = files.reduce((sum, { byteLength, residentShare }) => sum + byteLength * (1 - residentShare()), 0);
  return cold <= available ? "buffered" : "faster";
}

/** Memory that could be had without anybody's loss: Linux counts most of the page cache to it. */
async function availableBytes(): Promise<number | null> {
  if (process.platform !== "linux") return null;
  const text = await readFile("/proc/meminfo", "utf8").catch(() => "");
  const kibibytes = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1];
  return kibibytes === undefined ? null : Number(kibibytes) * 1024;
}
