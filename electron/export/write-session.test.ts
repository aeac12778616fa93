import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { LoopDisk } from "./loop-disk.fixture.ts";
import { findMount, isSameSession, writeSession } from "./write-session.ts";

const mounts = [
  "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw",
  "30 25 0:27 / /dev/shm rw,relatime - tmpfs tmpfs rw",
  "41 27 8:17 / /media/my\\040disk rw,nosuid shared:7 master:1 - ext4 /dev/sdb1 rw",
  "42 27 8:33 / /media/my\\040disk rw,nosuid shared:9 - vfat /dev/sdc1 rw",
  "43 27 0:51 / /media/my\\040disk/net rw - nfs4 server:/export rw",
  "",
].join("\n");

test("a path lies in the innermost mount, the last one there", () => {
  expect(findMount(mounts, "/home/me")).toEqual({ id: "27", device: "254:0", type: "ext4", source: "/dev/vda" });
  expect(findMount(mounts, "/media/my disk/out")).toMatchObject({ id: "42", type: "vfat" });
  expect(findMount(mounts, "/media/my disk/net")).toMatchObject({ id: "43", source: "server:/export" });
  expect(findMount(mounts, "/media/my diskette")).toMatchObject({ id: "27" });
  expect(findMount("", "/home")).toBeNull();
});

test("a system that does not tell is never in the same session", () => {
  expect(isSameSession("a", "a")).toBe(true);
  expect(isSameSession("a", "b")).toBe(false);
  expect(isSameSession(null, "a")).toBe(false);
  expect(isSameSession("a", null)).toBe(false);
  expect(isSameSession(null, null)).toBe(false);
});

test("it is the same as long as nothing happens", async () => {
  expect(await writeSession(tmpdir())).toBe(await writeSession(tmpdir()));
});

// The system gives the numbers of mounts and devices that are gone to the next.
test.runIf(LoopDisk.isToBeHad())("a disk that was pulled out and is back is in another session", async () => {
  const disk = new LoopDisk();
  try {
    const before = await writeSession(disk.path);
    expect(before).not.toBeNull();
    disk.cut();
    disk.plugIn();
    expect(await writeSession(disk.path)).not.toBe(before);
  } finally {
    disk.remove();
  }
});
