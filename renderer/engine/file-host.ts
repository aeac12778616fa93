import { close, constants, fdatasync, fstat, open, read, write } from "node:fs";
import { promisify } from "node:util";
import type { ByteSink, ByteSource } from "../../src-core/checkpoint/byte-source.ts";
import type { SourceFile } from "../../src-core/engine/protocol.ts";
import { StudioError } from "../../src-core/errors.ts";
import { syncFailure, writeFailure } from "./write-failure.ts";

const openFile = promisify(open);
const closeFile = promisify(close);
const statFile = promisify(fstat);
const readFile = promisify(read);
const writeFile = promisify(write);
const syncFile = promisify(fdatasync);

/** A file being read in ranges, straight into memory that the caller owns and reuses. */
export class FileSource implements ByteSource {
  readonly name: string;
  readonly byteLength: number;
  readonly descriptor: number;
  /** Number of the device that it lies on. */
  readonly device: number;

  private constructor(descriptor: number, device: number, { path, byteLength }: SourceFile) {
    this.descriptor = descriptor;
    this.device = device;
    this.name = path;
    this.byteLength = byteLength;
  }

  /** Opens the file read-only. Rejects with `checkpoint-changed` when it is not the one that was planned with. */
  static async open(file: SourceFile): Promise<FileSource> {
    const descriptor = await openFile(file.path, constants.O_RDONLY).catch((error: unknown) => {
      throw readFailure(file.path, error);
    });
    const { size, mtimeMs, dev } = await statFile(descriptor);
    if (size !== file.byteLength || mtimeMs !== file.modifiedMs) {
      await closeFile(descriptor);
      throw new StudioError({
        code: "checkpoint-changed",
        what: "The file changed after it was opened",
        where: file.path,
        expected: `${file.byteLength} bytes of ${new Date(file.modifiedMs).toISOString()}`,
        actual: `${size} bytes of ${new Date(mtimeMs).toISOString()}`,
        advice: "Open the model again",
      });
    }
    return new FileSource(descriptor, dev, file);
  }

  async readInto(destination: Uint8Array, byteOffset: number): Promise<void> {
    let done = 0;
    while (done < destination.byteLength) {
      const { bytesRead } = await readFile(
        this.descriptor,
        destination,
        done,
        destination.byteLength - done,
        byteOffset + done,
      ).catch((error: unknown) => {
        throw readFailure(this.name, error);
      });
      if (bytesRead === 0) throw this.#endedEarly(byteOffset + done);
      done += bytesRead;
    }
  }

  close(): Promise<void> {
    return closeFile(this.descriptor);
  }

  #endedEarly(byteOffset: number): StudioError {
    return new StudioError({
      code: "checkpoint-changed",
      what: "The file became shorter while it was read",
      where: this.name,
      expected: `${this.byteLength} bytes`,
      actual: `${byteOffset} bytes`,
      advice: "Open the model again",
    });
  }
}

/** An output file that main has created in its full size. */
export class FileSink implements ByteSink {
  readonly #descriptor: number;
  readonly #path: string;

  private constructor(descriptor: number, path: string) {
    this.#descriptor = descriptor;
    this.#path = path;
  }

  static async open(path: string): Promise<FileSink> {
    // Not created here: what main did not lay out must not come into being.
    const descriptor = await openFile(path, constants.O_WRONLY).catch((error: unknown) => {
      throw writeFailure(path, error);
    });
    return new FileSink(descriptor, path);
  }

  /** Puts what was written on the disk for good. */
  async sync(): Promise<void> {
    await syncFile(this.#descriptor).catch((error: unknown) => {
      throw syncFailure(this.#path, error);
    });
  }

  close(): Promise<void> {
    return closeFile(this.#descriptor);
  }

  async write(borrowedBytes: Uint8Array, byteOffset: number): Promise<void> {
    let done = 0;
    while (done < borrowedBytes.byteLength) {
      const { bytesWritten } = await writeFile(
        this.#descriptor,
        borrowedBytes,
        done,
        borrowedBytes.byteLength - done,
        byteOffset + done,
      ).catch((error: unknown) => {
        throw writeFailure(this.#path, error);
      });
      done += bytesWritten;
    }
  }
}

/**
 * A sink that takes one write after another: file systems take one write to a file at a time anyway, and threads that wait for their turn
 * spin. (A merge of 1.1B parameters on two busy cores: 1.4–1.5 s instead of 1.9–2.2.)
 */
export function inTurn(sink: ByteSink): ByteSink {
  let last: Promise<void> = Promise.resolve();
  return {
    write(borrowedBytes, byteOffset) {
      const written = last.then(() => sink.write(borrowedBytes, byteOffset));
      last = written.catch(() => {});
      return written;
    },
  };
}

function readFailure(path: string, error: unknown): StudioError {
  const actual = error instanceof Error ? error.message : String(error);
  return new StudioError({ code: "read-failed", what: "Reading failed", where: path, actual }, { cause: error });
}
