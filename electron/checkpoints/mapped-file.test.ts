import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rejectionOf } from "../../src-core/test-support/failure-of.ts";
import { isUnchanged } from "./file-identity.ts";
import { MappedFile } from "./mapped-file.ts";

const isWindows = process.platform === "win32";
const mebibyte = 1024 * 1024;
let folder: string;
let files: MappedFile[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mapped-file-"));
  files = [];
});

afterEach(() => {
  for (const file of files) file.close();
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

async function open(path: string): Promise<MappedFile> {
  const file = await MappedFile.open(path);
  files.push(file);
  return file;
}

/** Bytes that differ from their neighbours, from page to page too. */
function pattern(byteLength: number): Uint8Array {
  return Uint8Array.from({ length: byteLength }, (_, index) => (index * 31 + (index >> 12) * 7) & 255);
}

/** Descriptors of this process that lead to the file. */
function openDescriptors(path: string): number {
  const targets = readdirSync("/proc/self/fd").map((descriptor) => {
    try {
      return readlinkSync(join("/proc/self/fd", descriptor));
    } catch {
      return null; // The one that the listing itself had.
    }
  });
  return targets.filter((target) => target === path).length;
}

describe("a mapped file", () => {
  it("gives any span of its bytes", async () => {
    const bytes = pattern(100_003);
    const file = await open(write("a", bytes));
    expect(file.byteLength).toBe(100_003);
    for (const [start, end] of [
      [0, 1],
      [0, 100_003],
      [4095, 4097],
      [99_999, 100_003],
      [50_001, 50_001],
    ] as const) {
      const destination = new Uint8Array(end - start).fill(0xee);
      await file.readInto(destination, start);
      expect(Buffer.compare(destination, bytes.subarray(start, end))).toBe(0);
    }
  });

  it("fills only the destination's own part of a larger buffer", async () => {
    const file = await open(write("a", pattern(64)));
    const buffer = new Uint8Array(32).fill(0xee);
    await file.readInto(buffer.subarray(10, 20), 5);
    expect([...buffer.subarray(0, 10), ...buffer.subarray(20)]).toEqual(new Array(22).fill(0xee));
    expect([...buffer.subarray(10, 20)]).toEqual([...pattern(64).subarray(5, 15)]);
  });

  it("is read in pieces when much is wanted, without a seam", async () => {
    const bytes = pattern(35 * mebibyte);
    const file = await open(write("a", bytes));
    const destination = new Uint8Array(bytes.length - 3);
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    await file.readInto(destination, 3);
    clearInterval(timer);
    expect(Buffer.compare(destination, bytes.subarray(3))).toBe(0);
    expect(turns).toBeGreaterThan(0);
  });

  it("is read far beyond 4 GiB", async () => {
    const path = write("sparse", "");
    const farByteOffset = 9 * 2 ** 30 + 12_345;
    truncateSync(path, 10 * 2 ** 30);
    const descriptor = openSync(path, "r+");
    writeSync(descriptor, "far out", farByteOffset);
    closeSync(descriptor);
    const file = await open(path);
    expect(file.byteLength).toBe(10 * 2 ** 30);
    const destination = new Uint8Array(9);
    await file.readInto(destination, farByteOffset - 1);
    expect(Buffer.from(destination).toString("latin1")).toBe("\0far out\0");
  });

  it("may be empty", async () => {
    const file = await open(write("a", ""));
    expect(file.byteLength).toBe(0);
    await file.readInto(new Uint8Array(0), 0);
    expect((await rejectionOf(() => file.readInto(new Uint8Array(1), 0))).code).toBe("file-truncated");
  });

  it("refuses what lies beyond its end, and offsets that are none", async () => {
    const path = write("a", pattern(100));
    const file = await open(path);
    for (const [byteLength, byteOffset] of [
      [1, 100],
      [101, 0],
      [0, 101],
      [50, 51],
      [1, 2 ** 52],
    ] as const) {
      const failure = await rejectionOf(() => file.readInto(new Uint8Array(byteLength), byteOffset));
      expect(failure).toMatchObject({ code: "file-truncated", where: path, actual: "100 bytes" });
    }
    for (const byteOffset of [-1, 0.5, Number.NaN]) {
      await expect(file.readInto(new Uint8Array(1), byteOffset)).rejects.toThrow(RangeError);
    }
  });

  it("closes once, and cannot be read afterwards", async () => {
    const file = await open(write("a", pattern(10)));
    file.close();
    file.close();
    await expect(file.readInto(new Uint8Array(1), 0)).rejects.toThrow(/closed/);
    expect(() => file.copyInto(new Uint8Array(1), 0)).toThrow(/closed/);
  });

  it("stops, rather than touch what is gone, when it is closed between two pieces", async () => {
    const file = await open(write("a", new Uint8Array(40 * mebibyte)));
    const reading = file.readInto(new Uint8Array(40 * mebibyte), 0);
    file.close();
    await expect(reading).rejects.toThrow(/closed/);
  });

  it("knows the file it opened", async () => {
    const path = write("a", pattern(10));
    const { identity } = await open(path);
    const { size, mtimeMs, ino } = await stat(path);
    expect(identity).toMatchObject({ byteLength: size, modifiedMs: mtimeMs });
    if (!isWindows) expect(identity.inode).toBe(String(ino));
    expect(isUnchanged(identity, (await open(path)).identity)).toBe(true);
    expect(isUnchanged(identity, (await open(write("b", pattern(10)))).identity)).toBe(false);
  });

  it.runIf(process.platform === "linux")("gives its descriptor and its map back", async () => {
    const path = write("a", pattern(10));
    const file = await open(path);
    expect(openDescriptors(path)).toBe(1);
    expect(readFileSync("/proc/self/maps", "utf8")).toContain(path);
    file.close();
    expect(openDescriptors(path)).toBe(0);
    expect(readFileSync("/proc/self/maps", "utf8")).not.toContain(path);
  });
});

describe.skipIf(isWindows)("a file that changes while it is mapped", () => {
  it("is noticed when it was cut, before the process would die of it", async () => {
    const path = write("a", pattern(3 * mebibyte));
    const file = await open(path);
    await file.readInto(new Uint8Array(16), 2 * mebibyte);
    truncateSync(path, 4096);
    for (const byteOffset of [2 * mebibyte, 0]) {
      const failure = await rejectionOf(() => file.readInto(new Uint8Array(16), byteOffset));
      expect(failure).toMatchObject({ code: "checkpoint-changed", where: path, actual: "4096 bytes" });
    }
  });

  it("is noticed when it has grown", async () => {
    const path = write("a", pattern(100));
    const file = await open(path);
    appendFileSync(path, "more");
    expect((await rejectionOf(() => file.readInto(new Uint8Array(1), 0))).code).toBe("checkpoint-changed");
  });

  it("stays as it was when another one takes its name", async () => {
    const path = write("a", "old bytes");
    const file = await open(path);
    renameSync(write("b", "new"), path);
    const destination = new Uint8Array(9);
    await file.readInto(destination, 0);
    expect(Buffer.from(destination).toString()).toBe("old bytes");
  });
});

describe("what is no regular file", () => {
  it("is refused when it is missing", async () => {
    const path = join(folder, "none");
    expect(await rejectionOf(() => MappedFile.open(path))).toMatchObject({ code: "checkpoint-not-found", where: path });
  });

  it("is refused when it is a folder", async () => {
    mkdirSync(join(folder, "sub"));
    const failure = await rejectionOf(() => MappedFile.open(join(folder, "sub")));
    expect(failure.code).toBe("checkpoint-unsupported");
  });

  it.skipIf(isWindows)("is refused when it is a pipe, without waiting for its other end", async () => {
    const path = join(folder, "pipe");
    execFileSync("mkfifo", [path]);
    expect(await rejectionOf(() => MappedFile.open(path))).toMatchObject({
      code: "checkpoint-unsupported",
      where: path,
    });
  });

  it.skipIf(isWindows)("is refused when it is a device or a link", async () => {
    symlinkSync(write("a", "x"), join(folder, "link"));
    for (const path of ["/dev/zero", join(folder, "link")]) {
      expect((await rejectionOf(() => MappedFile.open(path))).code).toBe("checkpoint-unsupported");
    }
  });

  it.skipIf(isWindows)("is refused when it may not be read", async () => {
    const path = write("secret", "x");
    chmodSync(folder, 0o755);
    chmodSync(path, 0);
    const isRoot = process.geteuid?.() === 0;
    // Root may read everything: be nobody for a moment.
    if (isRoot) process.seteuid?.(65534);
    try {
      const failure = await rejectionOf(() => MappedFile.open(path));
      expect(failure).toMatchObject({ code: "checkpoint-permission", where: path });
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });
});

describe("reading a few bytes all over a file", () => {
  it("gives what the map gives", async () => {
    const bytes = pattern(3 * mebibyte);
    const scattered = (await open(write("model", bytes))).scattered();
    expect(scattered.byteLength).toBe(bytes.length);
    const found = new Uint8Array(4);
    for (const at of [0, 1, 4095, mebibyte + 7, bytes.length - 4]) {
      scattered.copyInto(found, at);
      expect(found).toEqual(bytes.subarray(at, at + 4));
      await scattered.readInto(found.fill(0), at);
      expect(found).toEqual(bytes.subarray(at, at + 4));
    }
  });

  it("refuses what lies beyond the end, and a file that was cut", async () => {
    const path = write("model", pattern(8192));
    const scattered = (await open(path)).scattered();
    expect(() => scattered.copyInto(new Uint8Array(2), 8191)).toThrow(/ends too early/);
    if (isWindows) return;
    truncateSync(path, 4096);
    expect(() => scattered.copyInto(new Uint8Array(2), 4095)).toThrow(/was changed/);
  });
});
