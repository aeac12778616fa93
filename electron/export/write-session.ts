import { execFile } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { promisify } from "node:util";

/**
 * A name for the time during which what was handed to the operating system under `folder` is safe without an fsync: from a
 * start of the system to the next, on a file system that stayed mounted (a disk pulled out takes what was not on it along).
 * Null where the system does not tell; then only what was synced counts.
 */
export async function writeSession(folder: string): Promise<string | null> {
  try {
    if (process.platform === "linux") {
      const boot = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
      return `${boot} ${await mountOf(folder)}`;
    }
    if (process.platform === "darwin") {
      const { stdout } = await promisify(execFile)("/usr/sbin/sysctl", ["-n", "kern.bootsessionuuid"]);
      return `${stdout.trim()} ${(await stat(folder)).dev}`;
    }
  } catch {
    // A system without these files (a container may hide /proc) is one that does not tell.
  }
  return null;
}

/** The mount's number, which another mounting of the same disk does not get, by the device's numbers. */
async function mountOf(folder: string): Promise<string> {
  const device = (await stat(folder, { bigint: true })).dev;
  // Linux' encoding of a device's two numbers.
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn);
  const minor = (device & 0xffn) | ((device >> 12n) & ~0xffn);
  const lines = (await readFile("/proc/self/mountinfo", "utf8")).split("\n");
  const mounts = lines.map((line) => line.split(" ")).filter(([, , numbers]) => numbers === `${major}:${minor}`);
  // Without an entry (btrfs and overlays show other numbers) the device itself has to do.
  const [first] = mounts;
  return first === undefined ? `device ${device}` : `mount ${first[0]}`;
}
