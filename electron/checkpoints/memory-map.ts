/** A file mapped read-only into this process's memory, as one system does it. */
export interface MemoryMap {
  /** Of the map, and of the file when it was mapped. */
  readonly byteLength: number;
  /** The file's size now: a map must not be touched beyond it. */
  currentByteLength(): number;
  /** Copies from the map. The caller has checked that the span lies in the map and in the file. */
  copyInto(destination: Uint8Array, byteOffset: number): void;
  /** Reads from the same file past the map, where that is the quicker way to a few bytes; returns how many there were. */
  readBytes?(destination: Uint8Array, byteOffset: number): number;
  /** How many of the pages between are in the page cache; where the system does not tell (of others' files), all of them. */
  residentPages?(byteOffset: number, byteLength: number): { readonly resident: number; readonly pages: number };
  /** Takes the pages read so far out of this process, not out of the page cache: reading them again maps them again. */
  releasePages(): void;
  /** Unmaps. Called once, and nothing after it. */
  close(): void;
}
