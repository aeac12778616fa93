/** Read-only random access to one file. Core never opens a file: hosts (a memory map, node:fs) give it one of these. */
export interface ByteSource {
  /** Name for messages. */
  readonly name: string;
  readonly byteLength: number;
  /** Of a file that this process has open, for a thread that reads it by itself. */
  readonly descriptor?: number;
  /** Fills the whole of `destination` from `byteOffset`. Rejects with a StudioError when the file ends before or cannot be read. */
  readInto(destination: Uint8Array, byteOffset: number): Promise<void>;
}

/** A source that answers at once: a file in the page cache, or bytes in memory. */
export interface ImmediateSource extends ByteSource {
  /** As `readInto`, before it returns. Throws what that rejects with. */
  copyInto(destination: Uint8Array, byteOffset: number): void;
}

/** Positioned writes into one file whose size was fixed beforehand. Writes may come in any order. */
export interface ByteSink {
  /** Writes the whole of `borrowedBytes`, which the caller may reuse once the promise has settled. */
  write(borrowedBytes: Uint8Array, byteOffset: number): Promise<void>;
}
