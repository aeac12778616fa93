import type { KernelFileRead } from "./kernel-protocol.ts";

/** What a thread reads files with. */
export interface ThreadFiles {
  /** Reads as much as there is, up to all of `destination`, and returns how much; 0 at the file's end. Throws where it cannot read. */
  read(descriptor: number, destination: Uint8Array, byteOffset: number): number;
  /** In milliseconds. */
  now(): number;
}

/** A read that did not bring what it should have. */
export class ReadFailed extends Error {
  /** Of the request's reads. */
  readonly index: number;

  constructor(index: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.index = index;
  }
}

/** Brings what a request's reads would bring to a slot, piece by piece, to where it is wanted. */
export class PieceReader {
  milliseconds = 0;
  readonly #memory: ArrayBufferLike;
  readonly #reads: readonly KernelFileRead[];
  readonly #files: ThreadFiles;

  constructor(memory: ArrayBufferLike, reads: readonly KernelFileRead[], files: ThreadFiles) {
    this.#memory = memory;
    this.#reads = reads;
    this.#files = files;
  }

  /** Brings what the reads put at `address` to `destination`. */
  read(destination: number, address: number, byteLength: number): void {
    const startedAt = this.#files.now();
    let done = 0;
    while (done < byteLength) {
      const at = address + done;
      const index = this.#reads.findIndex((read) => read.address <= at && at < read.address + read.byteLength);
      const read = this.#reads[index];
      if (read === undefined) throw new RangeError(`nothing is read to ${at}`);
      const wanted = Math.min(byteLength - done, read.address + read.byteLength - at);
      const bytes = new Uint8Array(this.#memory, destination + done, wanted);
      done += this.#readSome(index, read.descriptor, bytes, read.byteOffset + at - read.address);
    }
    this.milliseconds += this.#files.now() - startedAt;
  }

  #readSome(index: number, descriptor: number, destination: Uint8Array, byteOffset: number): number {
    let byteCount: number;
    try {
      byteCount = this.#files.read(descriptor, destination, byteOffset);
    } catch (cause) {
      throw new ReadFailed(index, cause instanceof Error ? cause.message : String(cause), { cause });
    }
    if (byteCount <= 0) throw new ReadFailed(index, `the file ends at ${byteOffset}`);
    return byteCount;
  }
}
