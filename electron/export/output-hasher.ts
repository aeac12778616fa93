import { type FileHandle, open } from "node:fs/promises";
import { encodeSafetensorsHeader } from "../../src-core/checkpoint/safetensors-writer.ts";
import type { FileRange } from "../../src-core/engine/file-ranges.ts";
import { addRange, type RangesByFile } from "../../src-core/engine/file-ranges.ts";
import { StudioError } from "../../src-core/errors.ts";
import { readFailure } from "../read-failure.ts";
import { createSha256, type Sha256 } from "./sha256.ts";

/** Read and hashed at a time, one piece while the next is read: both stay in a processor's cache. */
const pieceBytes = 2 ** 20;

export interface HashedFile {
  readonly path: string;
  readonly byteLength: number;
  /** What will stand in front of the data. */
  readonly headerJson: string;
}

/**
 * The SHA-256 of every output file, following the writing: what is written is read back from the page cache, in the order of the
 * file, as soon as nothing before it is missing. So writes may come in any order and from any process, what an earlier run wrote
 * is hashed like the rest, and it is what lies in the files that is hashed, not what was meant to.
 */
export class OutputHasher {
  readonly #files: readonly HashedFile[];
  readonly #written: RangesByFile = new Map();
  readonly #hashes: string[] = [];
  /** The one being hashed, and the one being read into. */
  readonly #buffers = [new Uint8Array(pieceBytes), new Uint8Array(pieceBytes)] as const;
  #running: Promise<void> | null = null;
  #failure: unknown = null;
  #isComplete = false;
  #stopped = false;
  /** Of the file that is being hashed: its handle, hash, and how far it is. */
  #current: { readonly handle: FileHandle; readonly hash: Sha256; position: number } | null = null;

  constructor(files: readonly HashedFile[]) {
    this.#files = files;
  }

  /** Tells what was written since the last time. Returns at once. */
  written(ranges: readonly FileRange[]): void {
    for (const range of ranges) addRange(this.#written, range);
    this.#follow();
  }

  /** When all is written: resolves with the hashes, by file. Rejects with a StudioError when a file cannot be read. */
  async finish(): Promise<readonly string[]> {
    this.#isComplete = true;
    do {
      this.#follow();
      await this.#running;
    } while (this.#failure === null && !this.#stopped && this.#hashes.length < this.#files.length);
    if (this.#failure !== null) throw this.#failure;
    return this.#hashes;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    await this.#current?.handle.close();
    this.#current?.hash.discard();
    this.#current = null;
  }

  #follow(): void {
    if (this.#running !== null || this.#failure !== null || this.#stopped) return;
    this.#running = this.#hashWhatIsThere()
      .catch((error: unknown) => {
        this.#failure = error;
      })
      .finally(() => {
        this.#running = null;
      });
  }

  async #hashWhatIsThere(): Promise<void> {
    for (let file = this.#files[this.#hashes.length]; file !== undefined; file = this.#files[this.#hashes.length]) {
      this.#current ??= await startHash(file);
      const { handle, hash } = this.#current;
      let hashing: Promise<void> = Promise.resolve();
      for (let piece = 0; !this.#stopped && this.#current.position < this.#readyEnd(file); piece++) {
        const { position } = this.#current;
        const buffer = piece % 2 === 0 ? this.#buffers[0] : this.#buffers[1];
        const bytes = buffer.subarray(0, Math.min(pieceBytes, this.#readyEnd(file) - position));
        const [read] = await Promise.allSettled([readFully(handle, bytes, position, file.path), hashing]);
        await hashing;
        if (read.status === "rejected") throw read.reason;
        hashing = hash.update(bytes);
        this.#current.position += bytes.byteLength;
      }
      await hashing;
      if (this.#stopped || this.#current.position < file.byteLength) return;
      this.#current = null;
      this.#hashes.push(hash.digest());
      await handle.close();
    }
  }

  /** How far the present file can be hashed now: small ends wait for more, until there is no more to come. */
  #readyEnd({ byteLength }: HashedFile): number {
    if (this.#isComplete) return byteLength;
    const position = this.#current?.position ?? 0;
    const ranges = this.#written.get(this.#hashes.length)?.ranges ?? [];
    const end = ranges.find(({ start, end }) => start <= position && end > position)?.end ?? position;
    return end - position >= pieceBytes || end === byteLength ? end : position;
  }
}

async function startHash({ path, headerJson }: HashedFile) {
  const handle = await open(path, "r").catch((error: unknown) => {
    throw readFailure(error, path);
  });
  const hash = createSha256();
  // The header itself is written last (export-workspace.ts).
  const header = encodeSafetensorsHeader(headerJson);
  for (let at = 0; at < header.byteLength; at += pieceBytes) await hash.update(header.subarray(at, at + pieceBytes));
  return { handle, hash, position: header.byteLength };
}

async function readFully(handle: FileHandle, bytes: Uint8Array, byteOffset: number, path: string): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) {
    const { bytesRead } = await handle
      .read(bytes, done, bytes.byteLength - done, byteOffset + done)
      .catch((error: unknown) => {
        throw readFailure(error, path);
      });
    if (bytesRead === 0)
      throw new StudioError({ code: "write-failed", what: "An output file was cut by someone else", where: path });
    done += bytesRead;
  }
}
