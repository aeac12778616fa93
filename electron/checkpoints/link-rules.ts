import { basename, dirname, isAbsolute, relative, sep } from "node:path";

/**
 * True when a link in a model's folder may lead to `target` (both real paths): inside the folder itself; inside the same
 * `models--…` folder of a Hugging Face cache (snapshots hold links into blobs); or into a folder named `blobs`, which is
 * where caches that share files between models keep them.
 */
export function mayLeadTo(folder: string, target: string): boolean {
  if (isInside(folder, target)) return true;
  const cacheEntry = enclosingCacheEntry(folder);
  if (cacheEntry !== null && isInside(cacheEntry, target)) return true;
  return dirname(target).split(sep).includes("blobs");
}

function enclosingCacheEntry(folder: string): string | null {
  for (let path = folder; dirname(path) !== path; path = dirname(path)) {
    if (basename(path).startsWith("models--")) return path;
  }
  return null;
}

function isInside(folder: string, target: string): boolean {
  const way = relative(folder, target);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
