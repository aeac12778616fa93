import type { ByteSource } from "../../src-core/checkpoint/byte-source.ts";
import type { Reading, SourceFile } from "../../src-core/engine/protocol.ts";
import { DirectSource } from "./direct-source.ts";
import { isFasterDirect } from "./faster-reading.ts";
import { FileSink, FileSource } from "./file-host.ts";
import { JournalFile } from "./journal-file.ts";

/** The files of one job. Opened one after another, so that whatever happens all that were opened are known and get closed. */
export class OpenFiles {
  readonly #opened: { close(): Promise<void> }[] = [];
  readonly #isFasterDirect = new Map<number, boolean>();

  async openSources(sources: readonly (readonly SourceFile[])[]): Promise<ByteSource[][]> {
    const all: ByteSource[][] = [];
    for (const files of sources) {
      const opened: ByteSource[] = [];
      for (const file of files) {
        const source = this.#keep(await FileSource.open(file));
        opened.push(await this.#asToBeRead(source, file.reading ?? "buffered"));
      }
      all.push(opened);
    }
    return all;
  }

  async #asToBeRead(buffered: FileSource, reading: Reading): Promise<ByteSource> {
    if (reading === "buffered") return buffered;
    const direct = await DirectSource.open(buffered);
    if (direct === null) return buffered;
    this.#keep(direct);
    if (reading === "direct") return direct;
    // What is found of one of a disk's files goes for all of them.
    const isFaster = this.#isFasterDirect.get(buffered.device) ?? (await isFasterDirect(buffered, direct));
    this.#isFasterDirect.set(buffered.device, isFaster);
    return isFaster ? direct : buffered;
  }

  async openSinks(paths: readonly string[]): Promise<FileSink[]> {
    const opened: FileSink[] = [];
    for (const path of paths) opened.push(this.#keep(await FileSink.open(path)));
    return opened;
  }

  async openJournal(path: string): Promise<JournalFile> {
    return this.#keep(await JournalFile.open(path));
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#opened.map((file) => file.close()));
  }

  #keep<File extends { close(): Promise<void> }>(file: File): File {
    this.#opened.push(file);
    return file;
  }
}
