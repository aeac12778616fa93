import { type FileHandle, open } from "node:fs/promises";
import { encodeSafetensorsHeader } from "../../src-core/checkpoint/safetensors-writer.ts";
import type { FileRange } from "../../src-core/engine/file-ranges.ts";
import { addRange, type RangesByFile } from "../../src-core/engine/file-ranges.ts";
import { unwatched, type Watched } from "../../src-core/engine/trace.ts";
import { StudioError } from "../../src-core/errors.ts";
import { lostDisk } from "./lost-disk.ts";
import { createSha256, type Sha256 } from "./sha256.ts";
import { WriteBehind } from "./write-behind.ts";

/** Read and hashed at a time, one piece while the next is read: 2 ms, so that main's other work, between two pieces, does not count. */
const usualPieceBytes = 2 ** 22;

export interface FollowedFile {
  readonly path: string;
  readonly byteLength: number;
  /** What will stand in front of the data. */
  readonly headerJson: string;
}

export interface FollowerOptions {
  /** Whether SHA-256 are wanted. */
  readonly hashes: boolean;
  /** Read and hashed at a time. */
  readonly pieceBytes?: number;
  /** Takes down when something was followed. */
  readonly watched?: Watched;
  /** Called with the bytes of all files, in their order, that have been followed: what writes may go on so much further. */
  readonly onFollowed?: (bytes: number) => void;
  /** Called once, when it cannot go on. */
  readonly onFailure?: (error: unknown) => void;
}

/** Of the file that is being followed. */
interface Current {
  readonly handle: FileHandle;
  readonly hash: Sha256 | null;
  readonly behind: WriteBehind;
  position: number;
}

/**
 * Follows the writing of the output files: what is written is read back from the page cache, in the order of the file, as soon as nothing before it is
 * missing, and hashed; then it goes to the disk and out of memory (write-behind.ts). So writes may come in any order and from any process, what an
 * earlier run wrote is hashed like the rest, and it is what lies in the files that is hashed, not what was meant to.
 */
export class OutputFollower {
  readonly #files: readonly FollowedFile[];
  readonly #options: FollowerOptions;
  readonly #written: RangesByFile = new Map();
  readonly #hashes: (string | null)[] = [];
  readonly #waiting: Waiting[] = [];
  /** The one being hashed, and the one being read into. */
  readonly #buffers: readonly [Uint8Array, Uint8Array];
  readonly #pieceBytes: number;
  #running: Promise<void> | null = null;
  #failure: unknown = null;
  #isComplete = false;
  #stopped = false;
  #current: Current | null = null;
  /** Of the files before the present one. */
  #bytesBefore = 0;

  constructor(files: readonly FollowedFile[], options: FollowerOptions) {
    this.#files = files;
    this.#options = options;
    this.#pieceBytes = options.pieceBytes ?? usualPieceBytes;
    this.#buffers = [new Uint8Array(this.#pieceBytes), new Uint8Array(this.#pieceBytes)];
  }

  /** Bytes of all files, in their order, that are followed. */
  get bytesFollowed(): number {
    return this.#bytesBefore + (this.#current?.position ?? 0);
  }

  /** Tells what was written since the last time. Returns at once. */
  written(ranges: readonly FileRange[]): void {
    for (const range of ranges) addRange(this.#written, range);
    this.#follow();
  }

  /** Null where it is so already, else resolves when all of the file before `end` is written and followed; rejects when that will never be. */
  reached(file: number, end: number): Promise<void> | null {
    if (this.#has(file, end)) return null;
    if (this.#isOver) return Promise.reject(this.#failure ?? new Error("not followed any more"));
    return new Promise((resolve, reject) => this.#waiting.push({ file, end, resolve, reject }));
  }

  /**
   * When all is written: resolves with the hashes, by file, null where none were wanted. Rejects with a StudioError when a file cannot be read, or the
   * disk does not take it.
   */
  async finish(): Promise<readonly (string | null)[]> {
    this.#isComplete = true;
    do {
      this.#follow();
      await this.#running;
    } while (!this.#isOver && this.#hashes.length < this.#files.length);
    if (this.#failure !== null) throw this.#failure;
    return this.#hashes;
  }

  /**
   * Resolves when nothing of it is under way. Rejects with why it cannot go on: what the disk has told here it does not tell who asks next, so nobody
   * may take the disk's word for what is written before this.
   */
  async rest(): Promise<void> {
    await this.#running;
    await this.#current?.behind.rest().catch(() => undefined);
    if (this.#failure !== null) throw this.#failure;
  }

  /** Why it cannot go on; null as long as it can. */
  get failure(): unknown {
    return this.#failure;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.rest().catch(() => undefined);
    await this.#current?.handle.close();
    this.#current?.hash?.discard();
    this.#current = null;
    this.#tellWaiting();
  }

  #follow(): void {
    if (this.#running !== null || this.#isOver) return;
    this.#running = this.#followWhatIsThere()
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#running = null;
        this.#tellWaiting();
      });
  }

  #fail(error: unknown): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    this.#options.onFailure?.(error);
    this.#tellWaiting();
  }

  async #followWhatIsThere(): Promise<void> {
    for (let file = this.#files[this.#hashes.length]; file !== undefined; file = this.#files[this.#hashes.length]) {
      if (this.#current === null) {
        this.#current = await startFollowing(file, this.#options.hashes, (error) =>
          this.#fail(notTaken(file.path, error)),
        );
        this.#options.onFollowed?.(this.bytesFollowed);
      }
      while (!this.#isOver && this.#readyEnd(file) > this.#current.position)
        await this.#followFile(file, this.#current);
      if (this.#isOver || this.#current.position < file.byteLength) return;
      const { handle, hash, behind } = this.#current;
      await behind.rest();
      this.#current = null;
      this.#bytesBefore += file.byteLength;
      this.#hashes.push(hash?.digest() ?? null);
      await handle.close();
    }
  }

  async #followFile(file: FollowedFile, current: Current): Promise<void> {
    const bytes = this.#readyEnd(file) - current.position;
    if (bytes <= 0) return;
    const { watched = unwatched } = this.#options;
    await watched("follow", { file: file.path, byteOffset: current.position, bytes }, () =>
      this.#followPieces(file, current, current.position + bytes),
    );
  }

  async #followPieces(file: FollowedFile, current: Current, end: number): Promise<void> {
    const { handle, hash, behind } = current;
    let hashing: Promise<void> = Promise.resolve();
    for (let piece = 0; !this.#isOver && current.position < end; piece++) {
      const { position } = current;
      const buffer = piece % 2 === 0 ? this.#buffers[0] : this.#buffers[1];
      const bytes = buffer.subarray(0, Math.min(this.#pieceBytes, end - position));
      if (hash !== null) {
        const [read] = await Promise.allSettled([readFully(handle, bytes, position, file.path), hashing]);
        await hashing;
        if (read.status === "rejected") throw read.reason;
        hashing = hash.update(bytes);
      }
      current.position += bytes.byteLength;
      await behind.passed(current.position);
      this.#options.onFollowed?.(this.bytesFollowed);
      this.#tellWaiting();
    }
    await hashing;
  }

  /** How far the present file can be followed now: small ends wait for more, until there is no more to come. */
  #readyEnd({ byteLength }: FollowedFile): number {
    if (this.#isComplete) return byteLength;
    const position = this.#current?.position ?? 0;
    const ranges = this.#written.get(this.#hashes.length)?.ranges ?? [];
    const end = ranges.find(({ start, end }) => start <= position && end > position)?.end ?? position;
    return end - position >= this.#pieceBytes || end === byteLength ? end : position;
  }

  get #isOver(): boolean {
    return this.#failure !== null || this.#stopped;
  }

  #has(file: number, end: number): boolean {
    const present = this.#hashes.length;
    return file < present || (file === present && end <= (this.#current?.position ?? 0));
  }

  #tellWaiting(): void {
    if (this.#waiting.length === 0) return;
    for (const waiting of this.#waiting.splice(0)) {
      if (this.#has(waiting.file, waiting.end)) waiting.resolve();
      else if (this.#isOver) waiting.reject(this.#failure ?? new Error("not followed any more"));
      else this.#waiting.push(waiting);
    }
  }
}

interface Waiting {
  readonly file: number;
  readonly end: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

async function startFollowing(
  { path, headerJson }: FollowedFile,
  hashes: boolean,
  onRefused: (error: unknown) => void,
): Promise<Current> {
  const handle = await open(path, "r").catch((error: unknown) => {
    throw notReadBack(path, error);
  });
  const hash = hashes ? createSha256() : null;
  // The header itself is written last (export-workspace.ts).
  const header = encodeSafetensorsHeader(headerJson);
  await hash?.update(header);
  return { handle, hash, behind: new WriteBehind(handle.fd, onRefused), position: header.byteLength };
}

async function readFully(handle: FileHandle, bytes: Uint8Array, byteOffset: number, path: string): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) {
    const { bytesRead } = await handle
      .read(bytes, done, bytes.byteLength - done, byteOffset + done)
      .catch((error: unknown) => {
        throw notReadBack(path, error);
      });
    if (bytesRead === 0)
      throw new StudioError({ code: "write-failed", what: "An output file was cut by someone else", where: path });
    done += bytesRead;
  }
}

const notReadBack = (path: string, error: unknown) => lostDisk("What was written cannot be read back", path, error);
const notTaken = (path: string, error: unknown) => lostDisk("The disk did not take what was written", path, error);
