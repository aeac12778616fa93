import { close, constants, fdatasync, fstat, open, write } from "node:fs";
import { promisify } from "node:util";
import { encodeSynced, encodeWritten, type WrittenRange } from "../../src-core/engine/journal.ts";
import type { FileSink } from "./file-host.ts";
import { syncFailure, writeFailure } from "./write-failure.ts";

const openFile = promisify(open);
const closeFile = promisify(close);
const statFile = promisify(fstat);
const writeFile = promisify(write);
const syncFile = promisify(fdatasync);

/** The journal of an export (src-core/engine/journal.ts) as a file that grows: what is recorded is in it, in order. */
export class JournalFile {
  readonly #descriptor: number;
  readonly #path: string;
  #byteLength: number;
  #lastWrite: Promise<void> = Promise.resolve();

  private constructor(descriptor: number, path: string, byteLength: number) {
    this.#descriptor = descriptor;
    this.#path = path;
    this.#byteLength = byteLength;
  }

  /** Opens a journal that main has made; records go behind what it holds. */
  static async open(path: string): Promise<JournalFile> {
    try {
      const descriptor = await openFile(path, constants.O_WRONLY);
      return new JournalFile(descriptor, path, (await statFile(descriptor)).size);
    } catch (error) {
      throw writeFailure(path, error);
    }
  }

  /** Resolves when the record is with the operating system: it outlives this process then. */
  record(ranges: readonly WrittenRange[]): Promise<void> {
    return this.#append(encodeWritten(ranges));
  }

  /** Puts on the disk for good what is recorded so far, and then that this was done: behind those records, or not at all where one failed. */
  async sync(sinks: readonly FileSink[]): Promise<void> {
    const recorded = this.#byteLength;
    for (const sink of sinks) await sink.sync();
    await this.#append(encodeSynced(recorded));
    await syncFile(this.#descriptor).catch((error: unknown) => {
      throw syncFailure(this.#path, error);
    });
  }

  async close(): Promise<void> {
    await this.#lastWrite.catch(() => undefined);
    await closeFile(this.#descriptor);
  }

  #append(bytes: Uint8Array): Promise<void> {
    const at = this.#byteLength;
    this.#byteLength += bytes.byteLength;
    // After a failure nothing more is recorded: a hole would end the journal for whoever reads it.
    this.#lastWrite = this.#lastWrite.then(() => this.#write(bytes, at));
    this.#lastWrite.catch(() => undefined);
    return this.#lastWrite;
  }

  async #write(bytes: Uint8Array, byteOffset: number): Promise<void> {
    for (let done = 0; done < bytes.byteLength; ) {
      const { bytesWritten } = await writeFile(
        this.#descriptor,
        bytes,
        done,
        bytes.byteLength - done,
        byteOffset + done,
      ).catch((error: unknown) => {
        throw writeFailure(this.#path, error);
      });
      done += bytesWritten;
    }
  }
}
