import type { SourceFile } from "../../src-core/engine/protocol.ts";
import { FileSink, FileSource } from "./file-host.ts";
import { JournalFile } from "./journal-file.ts";

/** The files of one job. Opened one after another, so that whatever happens all that were opened are known and get closed. */
export class OpenFiles {
  readonly #opened: { close(): Promise<void> }[] = [];

  async openSources(sources: readonly (readonly SourceFile[])[]): Promise<FileSource[][]> {
    const all: FileSource[][] = [];
    for (const files of sources) {
      const opened: FileSource[] = [];
      for (const file of files) opened.push(this.#keep(await FileSource.open(file)));
      all.push(opened);
    }
    return all;
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
