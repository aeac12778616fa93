import { readdir, realpath, stat, statfs } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { StudioError } from "../../src-core/errors.ts";
import { outputSpaceMarginBytes } from "../../src-core/limits.ts";
import type { Problem } from "../../src-core/plan/problem.ts";
import { provenanceName } from "../../src-core/provenance/provenance.ts";
import { outputFailure } from "./output-failure.ts";
import { isRotating, type PlannedOutput, probeFolder, refuseTooManyFiles } from "./output-limits.ts";

export interface OutputRequest extends PlannedOutput {
  readonly path: string;
  readonly overwrite: boolean;
  readonly byteLength: number;
  /** Of that, what an unfinished export has its place for already. */
  readonly allocatedBytes: number;
  /** Real paths of the folders of everything the merge reads. */
  readonly sourcePaths: readonly string[];
  /** Files that will be read. */
  readonly sourceFileCount: number;
}

/** Less is written before anyone has read a notice. */
const noticeableBytes = 1e9;

/**
 * Everything that would make the export fail later is asked before a byte is written. Resolves with what the user should know;
 * rejects with a StudioError.
 */
export async function checkOutput(request: OutputRequest): Promise<Problem[]> {
  const { path, overwrite, byteLength, allocatedBytes, sourcePaths, sourceFileCount, fileLengths } = request;
  const parent = dirname(resolve(path));
  const realParent = await realpath(parent).catch((error: unknown) => {
    throw outputFailure(error, "The folder to write in is not there", parent, "Make it, or choose another one");
  });
  for (const source of sourcePaths) await refuseOverlap(path, join(realParent, basename(path)), source);
  await checkReplaceable(path, overwrite);
  await refuseTooManyFiles(sourceFileCount + fileLengths.length);
  await probeFolder(realParent, request);
  const free = await freeBytes(realParent);
  const neededBytes = Math.max(0, byteLength - allocatedBytes) + outputSpaceMarginBytes;
  if (free !== null && free < neededBytes) {
    throw new StudioError({
      code: "output-space",
      what: "Not enough free space",
      where: parent,
      expected: `${neededBytes} bytes`,
      actual: `${free} bytes`,
      advice: "Free some space, or choose another disk",
    });
  }
  return byteLength < noticeableBytes ? [] : slowDiskNotices(realParent, sourcePaths);
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

/** By name, and by what the system knows of the folders: a bind mount or another spelling is the same folder. */
async function refuseOverlap(path: string, realOutput: string, source: string): Promise<void> {
  const overlaps =
    isInside(realOutput, source) ||
    isInside(source, realOutput) ||
    (await isBelow(realOutput, source)) ||
    (await isBelow(source, realOutput));
  if (!overlaps) return;
  throw new StudioError({
    code: "output-overlaps-input",
    what: "The output would overlap a model that is read",
    where: path,
    actual: source,
    advice: "Choose another folder",
  });
}

function isInside(inner: string, outer: string): boolean {
  const path = relative(outer, inner);
  return path === "" || (path !== ".." && !path.startsWith(`..${sep}`) && resolve(outer, path) === inner);
}

async function isBelow(inner: string, outer: string): Promise<boolean> {
  const folder = await identityOf(outer);
  if (folder === null) return false;
  for (let at = inner; ; at = dirname(at)) {
    if ((await identityOf(at)) === folder) return true;
    if (dirname(at) === at) return false;
  }
}

async function identityOf(path: string): Promise<string | null> {
  const found = await stat(path, { bigint: true }).catch(() => null);
  return found === null ? null : `${found.dev} ${found.ino}`;
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

/** Reading and writing in turns is what disks with moving heads are slowest at. */
async function slowDiskNotices(folder: string, sourcePaths: readonly string[]): Promise<Problem[]> {
  const { dev } = await stat(folder, { bigint: true });
  const shared = await Promise.all(
    sourcePaths.map(async (path) => (await stat(path, { bigint: true }).catch(() => null))?.dev === dev),
  );
  if (!shared.includes(true) || (await isRotating(dev)) !== true) return [];
  const message = "The models are read from the same hard disk that is written to: another one would be faster";
  return [{ code: "output-same-slow-disk", severity: "notice", message }];
}
