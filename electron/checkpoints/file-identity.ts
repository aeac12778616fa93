import type { BigIntStats } from "node:fs";

/** Enough to see later whether a path still leads to the same, unchanged file. Plain data: it crosses processes as it is. */
export interface FileIdentity {
  readonly byteLength: number;
  readonly modifiedMs: number;
  /** Decimal digits: 64-bit numbers on Windows. */
  readonly device: string;
  readonly inode: string;
}

export function identityFrom(stats: BigIntStats): FileIdentity {
  return {
    byteLength: Number(stats.size),
    // The same arithmetic, so the same double, as that of Node's `mtimeMs`.
    modifiedMs: Number(stats.mtimeNs / 1_000_000_000n) * 1000 + Number(stats.mtimeNs % 1_000_000_000n) / 1e6,
    device: String(stats.dev),
    inode: String(stats.ino),
  };
}

export function isSameFile(a: FileIdentity, b: FileIdentity): boolean {
  return a.device === b.device && a.inode === b.inode;
}

/** The same file, and as far as size and time of change tell, with the same content. */
export function isUnchanged(a: FileIdentity, b: FileIdentity): boolean {
  return isSameFile(a, b) && a.byteLength === b.byteLength && a.modifiedMs === b.modifiedMs;
}
