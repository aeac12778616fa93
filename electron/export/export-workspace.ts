import { mkdir, open, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { encodeSafetensorsHeader } from "../../src-core/checkpoint/safetensors-writer.ts";
import { StudioError } from "../../src-core/errors.ts";
import type { OutputLayout } from "../../src-core/plan/merge-plan.ts";
import { type JournalState, readJournal, recordSynced, recoverJournal } from "./export-journal.ts";
import { lockExport, unlockExport } from "./export-lock.ts";
import type { ExportBackend, ExportBasis, ExportRecord } from "./export-record.ts";
import { lostDisk } from "./lost-disk.ts";
import { outputFailure } from "./output-failure.ts";
import {
  exists,
  giveBack,
  ignoreFolders,
  journalName,
  layOut,
  modelName,
  replacedName,
  restoreFiles,
  workspacePath,
  writeRecord,
} from "./partial-folder.ts";
import { syncFolder, syncPath } from "./sync-path.ts";
import { removeUnfinished } from "./unfinished-export.ts";
import { isSameSession, writeSession } from "./write-session.ts";

/**
 * An export while it is written: the folder `<output>.partial`, which holds
 *
 *     chat-vector-partial.json   what it was begun with: also tells that the folder is ours
 *     journal                    what is written (src-core/engine/journal.ts)
 *     lock                       the process that writes
 *     model/                     the output; its weights have no header, so that no program takes them for a model, until all is written
 *     replaced/                  at the very end, what stood under the output's name before
 *
 * At the end `model` takes the output's name, in one step.
 */
export class ExportWorkspace {
  readonly record: ExportRecord;
  readonly #path: string;
  readonly #layout: OutputLayout;
  #isDistrusted = false;

  private constructor(path: string, record: ExportRecord, layout: OutputLayout) {
    this.#path = path;
    this.record = record;
    this.#layout = layout;
  }

  /** Lays everything out; what an unfinished export of ours left under the name is removed. Rejects with a StudioError. */
  static async create(
    output: string,
    layout: OutputLayout,
    basis: ExportBasis,
    backend: ExportBackend,
  ): Promise<ExportWorkspace> {
    const path = workspacePath(output);
    await removeUnfinished(output);
    try {
      await mkdir(path);
      await lockExport(path);
      const record: ExportRecord = {
        format: 1,
        output,
        startedAt: new Date().toISOString(),
        session: await writeSession(path),
        backend,
        bytesToWrite: layout.byteLength,
        ...basis,
      };
      await writeRecord(path, record);
      await mkdir(join(path, modelName));
      for (const { name, byteLength } of layout.files) await layOut(join(path, modelName, name), byteLength);
      await writeFile(join(path, journalName), "");
      await syncFolder(path).catch(ignoreFolders);
      await syncPath(dirname(path)).catch(ignoreFolders);
      return new ExportWorkspace(path, record, layout);
    } catch (error) {
      await rm(path, { recursive: true, force: true });
      throw outputFailure(error, "The output cannot be written", path);
    }
  }

  /** Takes up what `record` (of findUnfinished) stands for. Rejects with a StudioError, and leaves it as it was. */
  static async reopen(
    output: string,
    layout: OutputLayout,
    record: ExportRecord,
  ): Promise<{ readonly workspace: ExportWorkspace; readonly journal: JournalState }> {
    const path = workspacePath(output);
    try {
      await lockExport(path);
      await giveBack(output);
      const session = await writeSession(path);
      const sameSession = isSameSession(record.session, session);
      const lostFiles = await restoreFiles(join(path, modelName), layout);
      const journal = await recoverJournal(join(path, journalName), { sameSession, lostFiles });
      // Only now: with the old session's name, what the journal has lost just now would have counted.
      const renewed = { ...record, session };
      if (!sameSession) await writeRecord(path, renewed);
      return { workspace: new ExportWorkspace(path, renewed, layout), journal };
    } catch (error) {
      throw outputFailure(error, "The unfinished export cannot be gone on with", path);
    }
  }

  get modelPath(): string {
    return join(this.#path, modelName);
  }

  get journalPath(): string {
    return join(this.#path, journalName);
  }

  /** By the layout's files. */
  get filePaths(): string[] {
    return this.#layout.files.map(({ name }) => join(this.modelPath, name));
  }

  /** Rejects with `write-failed` when it cannot be read: the disk is gone then. */
  async journal(): Promise<JournalState> {
    try {
      return await readJournal(this.journalPath, { sameSession: true });
    } catch (error) {
      throw lostDisk("The record of what is written cannot be read", this.journalPath, error);
    }
  }

  /**
   * When nothing writes: puts what was written on the disk for good, and records that. `taken` rejects when the disk has told someone else that it did not
   * take something, which it tells once. Rejects with `write-failed`, or as `taken` does.
   */
  async sync(taken: () => Promise<unknown> = () => Promise.resolve()): Promise<void> {
    try {
      const { size } = await stat(this.journalPath);
      for (const path of this.filePaths) await syncPath(path);
      await taken();
      if (this.#isDistrusted) throw new Error("it has failed before");
      await recordSynced(this.journalPath, size);
    } catch (error) {
      if (error instanceof StudioError) throw error;
      throw lostDisk("The disk did not take what was written", this.#path, error);
    }
  }

  /**
   * From now on only what was synced counts: a disk that has failed once may have lost what the system had accepted for it, and
   * the system says so only once.
   */
  async distrust(): Promise<void> {
    this.#isDistrusted = true;
    await writeRecord(this.#path, { ...this.record, session: null });
  }

  /** When every tensor is written: now the files are a model's. */
  async writeHeaders(): Promise<void> {
    try {
      for (const [index, { headerJson }] of this.#layout.files.entries()) {
        const file = await open(this.filePaths[index] ?? "", "r+");
        const header = encodeSafetensorsHeader(headerJson);
        await file.write(header, 0, header.byteLength, 0).finally(() => file.close());
      }
      const { indexJson } = this.#layout;
      if (indexJson !== null) await writeFile(join(this.modelPath, "model.safetensors.index.json"), indexJson);
    } catch (error) {
      throw outputFailure(error, "Writing failed", this.modelPath);
    }
  }

  /** Gives the model its name; what stood there before goes last. Rejects with a StudioError; then that stands there still. */
  async finish(): Promise<void> {
    const { output } = this.record;
    try {
      await syncFolder(this.modelPath);
      if (await exists(output)) await rename(output, join(this.#path, replacedName));
      await rename(this.modelPath, output);
      await syncPath(dirname(output)).catch(ignoreFolders);
    } catch (error) {
      await giveBack(output).catch(() => undefined);
      throw outputFailure(error, "The finished model could not be given its name", this.#path);
    }
    // Its name is what counts; what cannot be removed now is removed by the next export of that name.
    await rm(this.#path, { recursive: true, force: true }).catch(() => undefined);
  }

  /** Ends this process's hold on it, for another one to go on. */
  async release(): Promise<void> {
    await unlockExport(this.#path);
  }

  async discard(): Promise<void> {
    await rm(this.#path, { recursive: true, force: true });
  }
}
