import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from "node:fs";
import { open } from "node:fs/promises";

/** A pipe must not be waited for. Windows has neither the flag nor such pipes. */
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * All of a file that has a size of its own and no more bytes than it may have. Rejects with the system's error; for pipes and devices, and for
 * larger files, with one like it (EFBIG).
 */
export async function readSmallFile(path: string, maximumBytes: number): Promise<Buffer> {
  const file = await open(path, flags);
  try {
    const bytes = Buffer.alloc(sizeWithin(await file.stat(), path, maximumBytes));
    const { bytesRead } = await file.read(bytes, 0, bytes.byteLength, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** The same, at once. */
export function readSmallFileSync(path: string, maximumBytes: number): Buffer {
  const descriptor = openSync(path, flags);
  try {
    const bytes = Buffer.alloc(sizeWithin(fstatSync(descriptor), path, maximumBytes));
    return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.byteLength, 0));
  } finally {
    closeSync(descriptor);
  }
}

function sizeWithin(stats: Stats, path: string, maximumBytes: number): number {
  if (stats.isFile() && stats.size <= maximumBytes) return stats.size;
  const actual = stats.isFile() ? `${stats.size} bytes of at most ${maximumBytes}` : "not a regular file";
  throw Object.assign(new Error(`EFBIG: ${actual}, read '${path}'`), { code: "EFBIG", syscall: "read" });
}
