import { statfsSync } from "node:fs";
import { tmpdir } from "node:os";

/**
 * Where temporary files cost least: in memory, where Linux has room for them there. Making 70,000 files took 5.7 s on a disk, 0.5 s
 * there. Containers often have 64 MiB of it.
 */
export function quickTemporaryFolder(neededBytes: number): string {
  if (process.platform !== "linux") return tmpdir();
  try {
    const { bavail, bsize } = statfsSync("/dev/shm");
    return bavail * bsize > 2 * neededBytes ? "/dev/shm" : tmpdir();
  } catch {
    return tmpdir();
  }
}
