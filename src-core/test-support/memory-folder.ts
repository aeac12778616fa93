import type { ByteSink, ByteSource } from "../checkpoint/byte-source.ts";
import type { CheckpointFolder, FolderEntry } from "../checkpoint/checkpoint-folder.ts";
import { StudioError } from "../errors.ts";

/** Bytes in memory as a file. */
export class MemorySource implements ByteSource {
  readonly name: string;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, name = "model.safetensors") {
    this.#bytes = bytes;
    this.name = name;
  }

  get byteLength(): number {
    return this.#bytes.length;
  }

  async readInto(destination: Uint8Array, byteOffset: number): Promise<void> {
    const end = byteOffset + destination.length;
    if (end > this.#bytes.length)
      throw new StudioError({ code: "file-truncated", what: "The file ends", where: this.name });
    destination.set(this.#bytes.subarray(byteOffset, end));
  }
}

/** A file in memory to be written. It overwrites the caller's bytes once they were taken, as the caller may do. */
export class MemorySink implements ByteSink {
  readonly bytes: Uint8Array;

  constructor(byteLength: number) {
    this.bytes = new Uint8Array(byteLength);
  }

  async write(borrowedBytes: Uint8Array, byteOffset: number): Promise<void> {
    this.bytes.set(borrowedBytes, byteOffset);
    borrowedBytes.fill(0xee);
  }
}

/** What a name in a `MemoryFolder` stands for: a file's bytes or text, or an entry of another kind. */
export type MemoryEntry = Uint8Array | string | { readonly kind: Exclude<FolderEntry["kind"], "file"> };

/** A model's folder in memory, at the path "/model". */
export class MemoryFolder implements CheckpointFolder {
  readonly path: string;
  readonly pickedFile: string | null;
  /** Names that were opened, in order. */
  readonly opened: string[] = [];
  readonly #entries: Readonly<Record<string, MemoryEntry>>;

  constructor(entries: Readonly<Record<string, MemoryEntry>>, pickedFile: string | null = null) {
    this.#entries = entries;
    this.pickedFile = pickedFile;
    this.path = pickedFile === null ? "/model" : `/model/${pickedFile}`;
  }

  async list(): Promise<readonly FolderEntry[]> {
    return Object.entries(this.#entries).map(([name, entry]) => {
      const bytes = bytesOf(entry);
      if (bytes !== null) return { name, kind: "file" };
      return { name, kind: (entry as { kind: FolderEntry["kind"] }).kind };
    });
  }

  async open(name: string): Promise<ByteSource> {
    this.opened.push(name);
    const entry = this.#entries[name];
    const bytes = entry === undefined ? null : bytesOf(entry);
    if (bytes === null) throw new Error(`${name} is no file, and must not be opened`);
    return new MemorySource(bytes, `/model/${name}`);
  }
}

function bytesOf(entry: MemoryEntry): Uint8Array | null {
  if (typeof entry === "string") return new TextEncoder().encode(entry);
  return entry instanceof Uint8Array ? entry : null;
}
