import type { BigIntStats, Dirent } from "node:fs";
import { opendir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { CheckpointFolder, FolderEntry } from "../../src-core/checkpoint/checkpoint-folder.ts";
import { mapInOrder } from "../../src-core/checkpoint/map-in-order.ts";
import { StudioError } from "../../src-core/errors.ts";
import { maximumFolderEntryCount, maximumFolderLinkCount } from "../../src-core/limits.ts";
import { type FileIdentity, identityFrom, isUnchanged } from "./file-identity.ts";
import { mayLeadTo } from "./link-rules.ts";
import { MappedFile } from "./mapped-file.ts";
import { readFailure } from "./read-failure.ts";

/** What a listed name stands for on the disk. */
export interface FileOnDisk extends FileIdentity {
  /** Absolute, without links. */
  readonly realPath: string;
}

/** Enough to keep the disk busy; each waits for a call or two of the file system. */
const concurrency = 16;

/**
 * Opens a folder with a model, or one file of it, through memory maps. Links are followed only where a model's files may lie
 * (see `mayLeadTo`), the picked path itself wherever it leads: a person named it. Rejects with a StudioError.
 */
export async function openCheckpointFolder(path: string): Promise<NodeCheckpointFolder> {
  const absolute = resolve(path);
  try {
    const stats = await stat(absolute);
    if (stats.isDirectory()) return new NodeCheckpointFolder(absolute, await realpath(absolute), null);
    if (!stats.isFile()) throw notAModel(absolute);
    return new NodeCheckpointFolder(absolute, await realpath(dirname(absolute)), basename(absolute));
  } catch (error) {
    throw readFailure(error, absolute);
  }
}

/** A model's folder on this machine. Files stay mapped until it is closed. */
export class NodeCheckpointFolder implements CheckpointFolder {
  readonly path: string;
  readonly pickedFile: string | null;
  /** The folder's own path, without links. */
  readonly realFolderPath: string;
  readonly #files = new Map<string, Promise<MappedFile>>();
  readonly #opened = new Map<string, FileOnDisk>();
  #closed = false;

  constructor(path: string, realFolderPath: string, pickedFile: string | null) {
    this.path = path;
    this.realFolderPath = realFolderPath;
    this.pickedFile = pickedFile;
  }

  async list(): Promise<readonly FolderEntry[]> {
    this.#checkOpen();
    const entries = await this.#entries();
    return await mapInOrder(entries, concurrency, async (entry): Promise<FolderEntry> => {
      const { name } = entry;
      // What the listing tells is not asked again: a folder may be a mount that hangs, and there may be many files.
      if (entry.isFile()) return { name, kind: "file" };
      if (entry.isDirectory()) return { name, kind: "folder" };
      return { name, kind: (await this.#look(name)).kind };
    });
  }

  async #entries(): Promise<Dirent[]> {
    const entries: Dirent[] = [];
    let linkCount = 0;
    try {
      for await (const entry of await opendir(this.realFolderPath, { bufferSize: 1024 })) {
        entries.push(entry);
        if (entry.isSymbolicLink()) linkCount++;
        if (entries.length > maximumFolderEntryCount) throw crowded(this.path, `${maximumFolderEntryCount} files`);
        if (linkCount > maximumFolderLinkCount) throw crowded(this.path, `${maximumFolderLinkCount} links`);
      }
    } catch (error) {
      throw readFailure(error, this.#nameOf("."));
    }
    return entries;
  }

  /** Maps a listed file, once: asking again gives the same one. */
  open(name: string): Promise<MappedFile> {
    let file = this.#files.get(name);
    if (file === undefined) {
      file = this.#open(name);
      this.#files.set(name, file);
    }
    return file;
  }

  /** Where an opened file lies, and what it was when it was opened. */
  identityOf(name: string): FileOnDisk {
    const file = this.#opened.get(name);
    if (file === undefined) throw new Error(`not opened: ${name}`);
    return file;
  }

  /** The first opened file that is no longer what it was when it was opened, by name; null when none changed. */
  async firstChangedFile(): Promise<string | null> {
    const changed = await mapInOrder([...this.#opened], concurrency, async ([name, opened]) => {
      const stats = await stat(opened.realPath, { bigint: true }).catch(() => null);
      return stats !== null && isUnchanged(identityFrom(stats), opened) ? null : this.#nameOf(name);
    });
    return changed.find((name) => name !== null) ?? null;
  }

  /** Where any listed file lies; of an opened one, what was opened. Rejects with a StudioError. */
  async locate(name: string): Promise<FileOnDisk> {
    return this.#opened.get(name) ?? (await this.#resolve(name));
  }

  /** Unmaps every file. Nothing can be read afterwards. */
  close(): void {
    this.#closed = true;
    // One that is still being opened closes itself.
    for (const file of this.#files.values()) file.then((opened) => opened.close()).catch(() => undefined);
    this.#files.clear();
  }

  async #open(name: string): Promise<MappedFile> {
    this.#checkOpen();
    const { realPath } = await this.#resolve(name);
    const file = await MappedFile.open(realPath, this.#nameOf(name));
    if (this.#closed) {
      file.close();
      this.#checkOpen();
    }
    this.#opened.set(name, { realPath, ...file.identity });
    return file;
  }

  async #resolve(name: string): Promise<FileOnDisk> {
    if (name !== basename(name) || name === "" || name === "." || name === "..") throw new Error(`not listed: ${name}`);
    const { kind, realPath, stats } = await this.#look(name);
    if (kind === "file" && realPath !== null && stats !== null) return { realPath, ...identityFrom(stats) };
    throw unusable(kind, this.#nameOf(name));
  }

  /** What a name leads to. Devices and pipes are told by their status alone, and never opened. */
  async #look(name: string): Promise<Found> {
    const path = join(this.realFolderPath, name);
    try {
      const realPath = await realpath(path);
      const isAllowed = name === this.pickedFile || mayLeadTo(this.realFolderPath, realPath);
      if (!isAllowed) return { kind: "outside", realPath, stats: null };
      const stats = await stat(realPath, { bigint: true });
      return { kind: stats.isFile() ? "file" : stats.isDirectory() ? "folder" : "other", realPath, stats };
    } catch (error) {
      if (isBrokenLink(error)) return { kind: "broken-link", realPath: null, stats: null };
      throw readFailure(error, this.#nameOf(name));
    }
  }

  /** As the user knows it: through the links that lead to the folder. */
  #nameOf(name: string): string {
    return this.pickedFile === null ? join(this.path, name) : join(dirname(this.path), name);
  }

  #checkOpen(): void {
    if (this.#closed) throw new Error(`${this.path} was closed`);
  }
}

interface Found {
  readonly kind: FolderEntry["kind"];
  readonly realPath: string | null;
  readonly stats: BigIntStats | null;
}

/** Nothing at the end, a circle, or a way through a file or a folder that may not be entered. */
function isBrokenLink(error: unknown): boolean {
  const codes: unknown[] = ["ENOENT", "ELOOP", "ENOTDIR", "EACCES"];
  return error instanceof Error && "code" in error && codes.includes(error.code);
}

function unusable(kind: FolderEntry["kind"], where: string): StudioError {
  if (kind === "outside") {
    return new StudioError({ code: "shard-outside", what: "A link leads out of the model's folder", where });
  }
  const actual =
    kind === "broken-link"
      ? "nothing, or a link that leads nowhere"
      : `a ${kind === "other" ? "device, pipe or socket" : "folder"}`;
  return new StudioError({
    code: "checkpoint-not-found",
    what: "There is no such file",
    where,
    expected: "a file",
    actual,
  });
}

function crowded(where: string, most: string): StudioError {
  return new StudioError({
    code: "checkpoint-unsupported",
    what: "The folder holds more than a model does",
    where,
    expected: `at most ${most}`,
    actual: "more",
    advice: "Pick the folder that holds the model's files, and nothing else",
  });
}

function notAModel(where: string): StudioError {
  return new StudioError({
    code: "checkpoint-unsupported",
    what: "Not a model",
    where,
    expected: "a folder or a file",
    actual: "a device, pipe or socket",
  });
}
