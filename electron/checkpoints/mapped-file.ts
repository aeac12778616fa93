import { type BigIntStats, closeSync, constants, fstat, open } from "node:fs";
import { lstat } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import { promisify } from "node:util";
import type { ImmediateSource } from "../../src-core/checkpoint/byte-source.ts";
import { StudioError } from "../../src-core/errors.ts";
import { type FileIdentity, identityFrom, isSameFile } from "./file-identity.ts";
import type { MemoryMap } from "./memory-map.ts";
import { mapPosix } from "./memory-map-posix.ts";
import { mapWindows } from "./memory-map-windows.ts";
import { readFailure } from "./read-failure.ts";

const openFile = promisify(open);
const statDescriptor = promisify(fstat);

/** Copied at a time: 4 ms at the 4 GB/s that copying out of a map reaches, during which main does nothing else. */
const pieceBytes = 16 * 1024 * 1024;

/**
 * Each touch of a map brings in up to 64 KiB around it. They belong to the page cache, but count as this process's memory
 * until they are released: after so many copies, so that random reading of a large file holds no more than 64 MiB of it.
 */
const copiesBetweenReleases = 1024;

/** Asked for: 16 MiB of any file, in a millisecond. */
const residencePieces = 64;
const residencePieceBytes = 256 * 1024;

/**
 * One file, memory-mapped read-only for random access. Bytes are copied out of the map into the caller's memory: Electron
 * allows no buffer over foreign memory.
 *
 * Touching a map beyond the file's end is a SIGBUS, which ends the process. So the file's size is asked (2 µs) before every
 * copy, of 16 MiB at most, and `checkpoint-changed` is thrown when it is not what it was. What stays is a file cut by someone
 * else within that one copy, and a device that fails while the copy brings a page in: no check can foresee them.
 */
export class MappedFile implements ImmediateSource {
  readonly name: string;
  readonly byteLength: number;
  /** Of the file that was opened, as it was then. */
  readonly identity: FileIdentity;
  /** Null for an empty file, which no system maps. */
  readonly #map: MemoryMap | null;
  #closed = false;
  #copies = 0;

  private constructor(name: string, identity: FileIdentity, map: MemoryMap | null) {
    this.name = name;
    this.identity = identity;
    this.byteLength = identity.byteLength;
    this.#map = map;
  }

  /**
   * Opens the regular file at a real path: links are not followed, and devices, pipes and sockets are never opened. `name`
   * stands for it in messages. Rejects with a StudioError.
   */
  static async open(realPath: string, name: string = realPath): Promise<MappedFile> {
    try {
      const stats = await lstat(realPath, { bigint: true });
      if (!stats.isFile()) throw notRegular(name);
      if (process.platform === "win32") return MappedFile.#openWindows(realPath, name, identityFrom(stats));
      return await MappedFile.#openPosix(realPath, name, identityFrom(stats));
    } catch (error) {
      throw readFailure(error, name);
    }
  }

  static async #openPosix(realPath: string, name: string, expected: FileIdentity): Promise<MappedFile> {
    // Should a pipe or a link have taken the path since: the one must not block, the other not be followed.
    const descriptor = await openFile(realPath, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    let stats: BigIntStats;
    try {
      stats = await statDescriptor(descriptor, { bigint: true });
      if (!stats.isFile()) throw notRegular(name);
      if (!isSameFile(identityFrom(stats), expected)) throw changed(name, "another file in its place");
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
    const identity = identityFrom(stats);
    if (identity.byteLength > 0) return new MappedFile(name, identity, mapPosix(descriptor, identity.byteLength));
    closeSync(descriptor);
    return new MappedFile(name, identity, null);
  }

  static #openWindows(realPath: string, name: string, identity: FileIdentity): MappedFile {
    const map = identity.byteLength > 0 ? mapWindows(realPath, identity.byteLength) : null;
    return new MappedFile(name, identity, map);
  }

  /** Copies in pieces, between which the process does other work. Rejects as `copyInto` throws. */
  async readInto(destination: Uint8Array, byteOffset: number): Promise<void> {
    this.#check(destination, byteOffset);
    for (let done = 0; done < destination.byteLength; done += pieceBytes) {
      if (done > 0) await setImmediate();
      this.copyInto(destination.subarray(done, done + pieceBytes), byteOffset + done);
    }
  }

  /**
   * Fills the whole of `destination` at once. Throws a StudioError: `file-truncated` when the file ends before,
   * `checkpoint-changed` when its size is no longer what it was.
   */
  copyInto(destination: Uint8Array, byteOffset: number): void {
    this.#check(destination, byteOffset);
    if (this.#map === null || destination.byteLength === 0) return;
    const byteLength = this.#currentByteLength(this.#map);
    if (byteLength !== this.byteLength) {
      throw changed(this.name, `${byteLength} bytes`, `${this.byteLength} bytes, as when it was opened`);
    }
    this.#map.copyInto(destination, byteOffset);
    if (++this.#copies % copiesBetweenReleases === 0) this.#map.releasePages();
  }

  /** How much of the file is in the page cache, from 0 to 1, by pieces all over it; 1 where the system does not tell. */
  residentShare(): number {
    const map = this.#map;
    if (map?.residentPages === undefined || this.#closed) return 1;
    let resident = 0;
    let pages = 0;
    for (let piece = 0; piece < residencePieces; piece++) {
      const byteOffset = Math.floor((this.byteLength * piece) / residencePieces);
      const found = map.residentPages(byteOffset, Math.min(residencePieceBytes, this.byteLength - byteOffset));
      resident += found.resident;
      pages += found.pages;
    }
    return pages === 0 ? 1 : resident / pages;
  }

  /**
   * The same file for many reads of a few bytes all over it: past the map, because a copy out of it takes 2.7 µs where its page has to be brought
   * in first, and a read 0.7. A file that became longer is not noticed. Good until this one is closed.
   */
  scattered(): ImmediateSource {
    const read = this.#map?.readBytes;
    if (read === undefined) return this;
    const copyInto = (destination: Uint8Array, byteOffset: number) => {
      this.#check(destination, byteOffset);
      this.#readBytes(read, destination, byteOffset);
    };
    return {
      name: this.name,
      byteLength: this.byteLength,
      copyInto,
      readInto: async (destination, byteOffset) => copyInto(destination, byteOffset),
    };
  }

  /** Unmaps the file. Reading afterwards is a bug and throws; closing again does nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#map?.close();
  }

  #check(destination: Uint8Array, byteOffset: number): void {
    if (this.#closed) throw new Error(`${this.name} was closed`);
    if (!Number.isSafeInteger(byteOffset) || byteOffset < 0) throw new RangeError(`byte offset ${byteOffset}`);
    const end = byteOffset + destination.byteLength;
    if (end <= this.byteLength) return;
    throw new StudioError({
      code: "file-truncated",
      what: "The file ends too early",
      where: this.name,
      expected: `at least ${end} bytes`,
      actual: `${this.byteLength} bytes`,
    });
  }

  #readBytes(read: NonNullable<MemoryMap["readBytes"]>, destination: Uint8Array, byteOffset: number): void {
    let bytesRead: number;
    try {
      bytesRead = read(destination, byteOffset);
    } catch (error) {
      throw readFailure(error, this.name);
    }
    if (bytesRead === destination.byteLength) return;
    throw changed(this.name, `${byteOffset + bytesRead} bytes`, `${this.byteLength} bytes, as when it was opened`);
  }

  #currentByteLength(map: MemoryMap): number {
    try {
      return map.currentByteLength();
    } catch (error) {
      throw readFailure(error, this.name);
    }
  }
}

function notRegular(where: string): StudioError {
  return new StudioError({
    code: "checkpoint-unsupported",
    what: "Not a regular file",
    where,
    expected: "a file",
    actual: "a folder, link, device, pipe or socket",
  });
}

function changed(where: string, actual: string, expected = "the file that was there a moment ago"): StudioError {
  return new StudioError({
    code: "checkpoint-changed",
    what: "The file was changed while it was in use",
    where,
    expected,
    actual,
    advice: "Wait until whatever writes it is done, then open the model again",
  });
}
