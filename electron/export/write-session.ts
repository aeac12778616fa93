import { execFile } from "node:child_process";
import { readFile, realpath, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { promisify } from "node:util";

/**
 * A name for the time during which what was handed to the operating system under `folder` is safe without an fsync: from a
 * start of the system to the next, on a disk that stayed connected (one that is pulled out takes along what was not on it).
 * Null where the system does not tell; then only what was synced counts.
 */
export async function writeSession(folder: string): Promise<string | null> {
  try {
    if (process.platform === "linux") return await linuxSession(folder);
    if (process.platform === "darwin") return await macSession(folder);
  } catch {
    // A system without these files (a container may hide /proc) is one that does not tell.
  }
  return null;
}

/** Whether what was handed over in one session is safe in another: only in the same one, and where the system does not tell, never. */
export function isSameSession(before: string | null, now: string | null): boolean {
  return now !== null && now === before;
}

async function linuxSession(folder: string): Promise<string | null> {
  const boot = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
  const mounts = await readFile("/proc/self/mountinfo", "utf8");
  const mount = findMount(mounts, await realpath(folder));
  if (mount === null) return null;
  // What is in memory lasts as long as the system or its mount; containers lie on the system's own disk.
  if (mount.type === "tmpfs" || mount.type === "overlay") return `${boot} mount ${mount.id}`;
  const sequence = await diskSequence(await deviceOf(mount));
  return sequence === null ? null : `${boot} mount ${mount.id} disk ${sequence}`;
}

interface Mount {
  /** Given again to another mount once this one is gone. */
  readonly id: string;
  /** "major:minor" */
  readonly device: string;
  readonly type: string;
  readonly source: string;
}

/** The mount that a path lies in, of those in the form of proc_pid_mountinfo(5): the last one on the longest part of it. */
export function findMount(mountinfo: string, realPath: string): Mount | null {
  let found: Mount | null = null;
  let length = -1;
  for (const line of mountinfo.split("\n")) {
    const [id, , device, , escaped = "", ...rest] = line.split(" ");
    const [type, source] = rest.slice(rest.indexOf("-") + 1);
    if (id === undefined || device === undefined || type === undefined || source === undefined) continue;
    const point = escaped.replace(/\\(\d{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
    const isAround = realPath === point || realPath.startsWith(point.endsWith("/") ? point : `${point}/`);
    if (!isAround || point.length < length) continue;
    length = point.length;
    found = { id, device, type, source };
  }
  return found;
}

/** Of file systems like btrfs that show numbers of their own. */
async function deviceOf({ device, source }: Mount): Promise<string> {
  if (!device.startsWith("0:") || !source.startsWith("/dev/")) return device;
  const { rdev } = await stat(source, { bigint: true });
  // Linux' encoding of a device's two numbers.
  const major = ((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & ~0xfffn);
  const minor = (rdev & 0xffn) | ((rdev >> 12n) & ~0xffn);
  return `${major}:${minor}`;
}

/** Counts the disks that were ever connected since the system started; a partition's is its disk's. Linux 5.15 and later tell. */
async function diskSequence(device: string): Promise<string | null> {
  for (const path of [`/sys/dev/block/${device}/diskseq`, `/sys/dev/block/${device}/../diskseq`]) {
    const text = await readFile(path, "utf8").catch(() => null);
    if (text !== null) return text.trim();
  }
  return null;
}

/** On the disk of the user's home folder, which is not pulled out. */
async function macSession(folder: string): Promise<string | null> {
  const [{ dev }, home] = [await stat(folder), await stat(homedir())];
  if (dev !== home.dev) return null;
  const { stdout } = await promisify(execFile)("/usr/sbin/sysctl", ["-n", "kern.bootsessionuuid"]);
  return stdout.trim();
}
