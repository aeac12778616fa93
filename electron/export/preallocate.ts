import type { FileHandle } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import koffi, { type KoffiFunc } from "koffi";

/** Allocated at a time, between which the process does other work: file systems in memory fill what they give with zeros. */
const pieceBytes = 2 ** 30;

type Fallocate = KoffiFunc<(descriptor: number, mode: number, offset: number, byteLength: number) => number>;

let fallocate: Fallocate | null = null;

/**
 * Gives an empty file its size, and on Linux its place on the disk as well, where the file system can: a disk that has no room
 * says so now and not in the middle. Rejects as a write would (ENOSPC, EFBIG). Elsewhere the file is only made so long; Windows
 * reserves the place with that.
 */
export async function preallocate(file: FileHandle, byteLength: number): Promise<void> {
  await file.truncate(byteLength);
  if (process.platform !== "linux") return;
  fallocate ??= koffi.load(null).func("int fallocate(int fd, int mode, int64_t offset, int64_t length)") as Fallocate;
  for (let at = 0; at < byteLength; at += pieceBytes) {
    if (at > 0) await setImmediate();
    if (fallocate(file.fd, 0, at, Math.min(pieceBytes, byteLength - at)) === 0) continue;
    const errno = koffi.errno();
    const code = (["ENOSPC", "EDQUOT", "EFBIG", "EIO"] as const).find((name) => koffi.os.errno[name] === errno);
    if (code !== undefined) throw Object.assign(new Error(`${code}: no room for the file, fallocate`), { code });
    // The file system cannot (NFS, FAT and others): room is found or not when it is written.
    return;
  }
}
