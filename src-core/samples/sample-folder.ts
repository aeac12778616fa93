import type { ByteSource } from "../checkpoint/byte-source.ts";
import type { CheckpointFolder, FolderEntry } from "../checkpoint/checkpoint-folder.ts";
import type { SampleFile, SampleModel } from "./sample-model.ts";

/** A sample model as if it lay on a disk: what the core opens, at any size, without a byte written. */
export class SampleFolder implements CheckpointFolder {
  readonly path: string;
  readonly pickedFile = null;
  readonly #files: ReadonlyMap<string, SampleFile>;

  constructor({ role, files }: SampleModel) {
    this.path = `sample/${role}`;
    this.#files = new Map(files.map((file) => [file.name, file]));
  }

  async list(): Promise<readonly FolderEntry[]> {
    return [...this.#files.values()].map(({ name, byteLength }) => ({ name, kind: "file", byteLength }));
  }

  async open(name: string): Promise<ByteSource> {
    const file = this.#files.get(name);
    if (file === undefined) throw new RangeError(`${this.path} has no ${name}`);
    return {
      name: `${this.path}/${name}`,
      byteLength: file.byteLength,
      async readInto(destination, byteOffset) {
        file.fill(destination, byteOffset);
      },
    };
  }
}
