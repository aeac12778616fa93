import { mkdtemp, open, readdir, readFile, realpath, rm, stat, statfs, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { StudioError } from "../../src-core/errors.ts";
import { isAlive } from "./export-lock.ts";
import { outputFailure } from "./output-failure.ts";

/** Of FAT12 to FAT32, as Linux's statfs gives it. */
const fatMagic = 0x4d44;
const fatMaximumFileBytes = 2 ** 32 - 1;

/** Descriptors that the program has open beside the models' files: libraries, sockets, its own files. */
const otherOpenFiles = 128;

export interface PlannedOutput {
  /** Of each weight file. */
  readonly fileLengths: readonly number[];
  /** Every file that will be written. */
  readonly names: readonly string[];
}

/** Of folders that are there for a moment: by the machine and the process that made them. */
const probePrefix = `.chat-vector-probe-${hostname().replace(/[^\w-]/g, "")}-`;

/**
 * Asks the file system of `folder` for what permission bits and its name do not tell, by making a folder in it and removing it
 * again: whether it can be written in, tells capital letters from small ones, and takes files so large. Rejects with a StudioError.
 */
export async function probeFolder(folder: string, { fileLengths, names }: PlannedOutput): Promise<void> {
  let probe: string | null = null;
  try {
    await removeForgottenProbes(folder);
    probe = await mkdtemp(join(folder, `${probePrefix}${process.pid}-`));
    if (await ignoresCase(probe)) refuseClashes(names, folder);
    await refuseTooLarge(probe, folder, Math.max(0, ...fileLengths));
  } catch (error) {
    const advice = "Change its permissions, or choose another one";
    throw outputFailure(error, "The folder cannot be written in", folder, advice);
  } finally {
    if (probe !== null) await rm(probe, { recursive: true, force: true });
  }
}

/** A program that was killed at the wrong moment has left one. What another machine makes in a shared folder is its own. */
async function removeForgottenProbes(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(probePrefix)) continue;
    const pid = Number(/^\d+/.exec(name.slice(probePrefix.length))?.[0]);
    if (pid > 0 && !isAlive(pid)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

async function ignoresCase(probe: string): Promise<boolean> {
  await writeFile(join(probe, "case"), "");
  return stat(join(probe, "CASE")).then(
    () => true,
    () => false,
  );
}

/** Throws for two names that are one where capital letters do not count. */
export function refuseClashes(names: readonly string[], folder: string): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    const key = name.normalize("NFC").toLowerCase();
    const other = seen.get(key);
    if (other !== undefined && other !== name) {
      throw new StudioError({
        code: "output-invalid",
        what: "Two files would have one name there",
        where: folder,
        actual: `${other} and ${name}`,
        advice:
          "Choose a disk that tells capital letters from small ones, or rename one of them in the target's folder",
      });
    }
    seen.set(key, name);
  }
}

async function refuseTooLarge(probe: string, folder: string, largestBytes: number): Promise<void> {
  if (largestBytes <= fatMaximumFileBytes) return;
  const takes =
    process.platform === "linux" ? (await statfs(folder)).type !== fatMagic : await takesFile(probe, largestBytes);
  if (takes) return;
  throw new StudioError({
    code: "output-space",
    what: "The file system takes no files so large",
    where: folder,
    expected: `files of ${largestBytes} bytes`,
    actual: `at most ${fatMaximumFileBytes} bytes (FAT32)`,
    advice: "Choose a smaller shard size (--shard-size 4GB), or another disk",
  });
}

/** FAT refuses the length before it would write anything; the others only note it. */
async function takesFile(probe: string, byteLength: number): Promise<boolean> {
  const file = await open(join(probe, "large"), "w");
  return file
    .truncate(byteLength)
    .then(
      () => true,
      () => false,
    )
    .finally(() => file.close());
}

/** Throws when so many files cannot be open at once. Only Linux tells. */
export async function refuseTooManyFiles(fileCount: number): Promise<void> {
  const limits = await readFile("/proc/self/limits", "utf8").catch(() => "");
  const limit = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  if (fileCount + otherOpenFiles <= limit) return;
  throw new StudioError({
    code: "output-invalid",
    what: "More files would be open at once than the system allows",
    expected: `at most ${limit}`,
    actual: `${fileCount} of the models, and ${otherOpenFiles} others`,
    advice: `Allow more (ulimit -n ${2 ** Math.ceil(Math.log2(fileCount + otherOpenFiles))}), or choose larger shards`,
  });
}

/** Whether a folder lies on a disk with moving heads, by device number; null where the system does not tell. */
export async function isRotating(device: bigint): Promise<boolean | null> {
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn);
  const minor = (device & 0xffn) | ((device >> 12n) & ~0xffn);
  const block = `/sys/dev/block/${major}:${minor}`;
  // What a virtual machine's disk says of itself is no word on the disk below.
  const devicePath = await realpath(block).catch(() => "");
  if (/\/(virtio|vbd|xen)/.test(devicePath)) return null;
  for (const path of [`${block}/queue/rotational`, `${block}/../queue/rotational`]) {
    const text = await readFile(path, "utf8").catch(() => null);
    if (text !== null) return text.trim() === "1";
  }
  return null;
}
