import type { ByteSource } from "./byte-source.ts";

/** A place with a model's files, as a host (node:fs and memory maps, or a test) shows it to the core. */
export interface CheckpointFolder {
  /** For messages. */
  readonly path: string;
  /** The one file that was picked, when it was a file and not a folder. */
  readonly pickedFile: string | null;
  /** Entries directly inside; links are followed, and `kind` says what they lead to. */
  list(): Promise<readonly FolderEntry[]>;
  /** Opens a listed file. */
  open(name: string): Promise<ByteSource>;
}

export interface FolderEntry {
  readonly name: string;
  /** `outside`: a link that leads out of the places a model may live in; `other`: a device, pipe or socket. */
  readonly kind: "file" | "folder" | "broken-link" | "outside" | "other";
}
