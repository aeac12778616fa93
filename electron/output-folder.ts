import {
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  statfs,
  writeFile,
} from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { encodeSafetensorsHeader } from "../src-core/checkpoint/safetensors-writer.ts";
import { type ErrorCode, StudioError } from "../src-core/errors.ts";
import { outputSpaceMarginBytes } from "../src-core/limits.ts";
import type { OutputLayout } from "../src-core/plan/merge-plan.ts";

/** In every folder that we made: what may be replaced when the user asks for it. */
export const provenanceName = "chat-vector.json";
const partialMarkerName = "chat-vector-partial.json";

export interface OutputRequest {
  readonly path: string;
  readonly overwrite: boolean;
  readonly byteLength: number;
  /** Real paths of everything the merge reads. */
  readonly sourcePaths: readonly string[];
}

/** Everything that would make the export fail later is asked before a byte is written. Rejects with a StudioError. */
export async function checkOutput({ path, overwrite, byteLength, sourcePaths }: OutputRequest): Promise<void> {
  const parent = dirname(resolve(path));
  const realParent = await realpath(parent).catch((error: unknown) => {
    throw outputFailure(error, "The folder to write in is not there", parent, "Make it, or choose another one");
  });
  const realOutput = join(realParent, basename(path));
  for (const source of sourcePaths) {
    if (isInside(realOutput, source) || isInside(source, realOutput)) {
      throw new StudioError({
        code: "output-overlaps-input",
        what: "The output would overlap a model that is read",
        where: path,
        actual: source,
        advice: "Choose another folder",
      });
    }
  }
  await checkReplaceable(path, overwrite);
  await probeWritable(realParent);
  const free = await freeBytes(realParent);
  if (free !== null && free < byteLength + outputSpaceMarginBytes) {
    throw new StudioError({
      code: "output-space",
      what: "Not enough free space",
      where: parent,
      expected: `${byteLength + outputSpaceMarginBytes} bytes`,
      actual: `${free} bytes`,
      advice: "Free some space, or choose another disk",
    });
  }
}

/** Permission bits do not tell on network and Windows file systems; making a folder does. */
async function probeWritable(folder: string): Promise<void> {
  try {
    await rmdir(await mkdtemp(join(folder, ".chat-vector-")));
  } catch (error) {
    throw outputFailure(
      error,
      "The folder cannot be written in",
      folder,
      "Change its permissions, or choose another one",
    );
  }
}

/** Free bytes for this user on the file system of `folder`; null where it does not say. */
export async function freeBytes(folder: string): Promise<number | null> {
  const { bavail, bsize } = await statfs(folder).catch(() => ({ bavail: 0, bsize: 0 }));
  return bsize === 0 ? null : bavail * bsize;
}

export async function outputExists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** A folder under another name while it is written; it gets its own at the end, in one step. */
export class PartialFolder {
  readonly path: string;
  readonly #finalPath: string;

  private constructor(finalPath: string, path: string) {
    this.#finalPath = finalPath;
    this.path = path;
  }

  /** Makes the folder, with every output file in its full size and its header written. */
  static async create(finalPath: string, layout: OutputLayout): Promise<PartialFolder> {
    const path = `${finalPath}.partial`;
    await removeOwnPartial(path);
    try {
      await mkdir(path);
      await writeFile(join(path, partialMarkerName), JSON.stringify({ output: finalPath }));
      for (const file of layout.files) await layOutFile(join(path, file.name), file.headerJson, file.byteLength);
      if (layout.indexJson !== null) await writeFile(join(path, "model.safetensors.index.json"), layout.indexJson);
    } catch (error) {
      await rm(path, { recursive: true, force: true });
      throw outputFailure(error, "The output cannot be written", path);
    }
    return new PartialFolder(finalPath, path);
  }

  /** Puts what was written on the disk for good and gives the folder its name; what stood there before goes last. */
  async finish(): Promise<void> {
    await rm(join(this.path, partialMarkerName));
    for (const name of await readdir(this.path)) await sync(join(this.path, name));
    await sync(this.path);
    const replaced = `${this.#finalPath}.replaced`;
    const replaces = await outputExists(this.#finalPath);
    if (replaces) {
      await rm(replaced, { recursive: true, force: true });
      await rename(this.#finalPath, replaced);
    }
    await rename(this.path, this.#finalPath);
    await sync(dirname(this.#finalPath));
    if (replaces) await rm(replaced, { recursive: true, force: true });
  }

  async discard(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

async function layOutFile(path: string, headerJson: string, byteLength: number): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.truncate(byteLength);
    const header = encodeSafetensorsHeader(headerJson);
    await file.write(header, 0, header.byteLength, 0);
  } finally {
    await file.close();
  }
}

/** Only what this program made, or nothing, is ever replaced. */
async function checkReplaceable(path: string, overwrite: boolean): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found === null) return;
  const names = found.isDirectory() ? await readdir(path) : [];
  if (found.isDirectory() && names.length === 0) return;
  const ours = names.includes(provenanceName);
  if (overwrite && ours) return;
  throw new StudioError({
    code: "output-exists",
    what: "The output exists",
    where: path,
    actual: found.isDirectory() ? `a folder of ${names.length} entries` : "a file",
    advice: ours
      ? "Choose another folder, or replace it (--overwrite)"
      : `Choose another folder: only one that Chat Vector Studio made (with ${provenanceName}) is ever replaced`,
  });
}

async function removeOwnPartial(path: string): Promise<void> {
  const names = await readdir(path).catch(() => null);
  if (names === null) return;
  const marker = await readFile(join(path, partialMarkerName), "utf8").catch(() => null);
  if (marker === null && names.length > 0) {
    throw new StudioError({
      code: "output-exists",
      what: "The folder to write into first exists and is not ours",
      where: path,
      advice: "Move it away, or choose another output",
    });
  }
  await rm(path, { recursive: true, force: true });
}

async function sync(path: string): Promise<void> {
  // Windows cannot open a folder to sync it; its file systems order renames themselves.
  const file = await open(path, "r").catch(() => null);
  await file?.sync().catch((error: unknown) => {
    if (process.platform !== "win32") throw error;
  });
  await file?.close();
}

function isInside(inner: string, outer: string): boolean {
  const path = relative(outer, inner);
  return path === "" || (path !== ".." && !path.startsWith(`..${sep}`) && resolve(outer, path) === inner);
}

function outputFailure(error: unknown, what: string, where: string, advice?: string): StudioError {
  const errno = error instanceof Error && "code" in error ? error.code : undefined;
  const codes: Record<string, ErrorCode> = {
    EACCES: "output-permission",
    EPERM: "output-permission",
    EROFS: "output-permission",
    ENOSPC: "output-space",
    EDQUOT: "output-space",
    ENOENT: "output-invalid",
    ENOTDIR: "output-invalid",
    EEXIST: "output-exists",
  };
  const actual = error instanceof Error ? error.message : String(error);
  const code = codes[String(errno)] ?? "write-failed";
  return new StudioError({ code, what, where, actual, ...(advice === undefined ? {} : { advice }) }, { cause: error });
}
