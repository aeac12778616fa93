import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readSmallFile, readSmallFileSync } from "./read-small-file.ts";

const folder = mkdtempSync(join(tmpdir(), "read-small-file-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ways = [
  ["read", readSmallFile],
  ["read at once", async (path: string, bytes: number) => readSmallFileSync(path, bytes)],
] as const;

describe.each(ways)("a small file, %s,", (_, read) => {
  test("is given whole up to its limit, and refused beyond it", async () => {
    const path = join(folder, "ten");
    writeFileSync(path, "0123456789");
    expect((await read(path, 10)).toString()).toBe("0123456789");
    await expect(read(path, 9)).rejects.toMatchObject({
      code: "EFBIG",
      message: expect.stringContaining("10 bytes of at most 9"),
    });
  });

  test("is no folder", async () => {
    const path = join(folder, "folder");
    mkdirSync(path, { recursive: true });
    await expect(read(path, 10)).rejects.toMatchObject({ code: expect.stringMatching(/^E(FBIG|ISDIR|PERM|ACCES)$/) });
  });

  test.runIf(process.platform !== "win32")("is no pipe, which nobody waits for, and no device", async () => {
    const path = join(folder, "pipe");
    rmSync(path, { force: true });
    execFileSync("mkfifo", [path]);
    for (const other of [path, "/dev/zero"])
      await expect(read(other, 10)).rejects.toMatchObject({
        code: "EFBIG",
        message: expect.stringContaining("not a regular file"),
      });
  });
});
