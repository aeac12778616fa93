import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** Bytes of downloads that were begun and not finished, as the hub's tools leave them among the blobs; null where there are none. */
export async function unfinishedBytes(blobs: string): Promise<number | null> {
  const names = await readdir(blobs).catch((): string[] => []);
  const unfinished = names.filter((name) => name.endsWith(".incomplete"));
  if (unfinished.length === 0) return null;
  const sizes = unfinished.map((name) =>
    stat(join(blobs, name)).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
