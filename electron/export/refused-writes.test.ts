import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { encodeSafetensorsHeader } from "../../src-core/checkpoint/safetensors-writer.ts";
import { LoopDisk } from "./loop-disk.fixture.ts";
import { OutputFollower } from "./output-follower.ts";
import { WriteBehind } from "./write-behind.ts";

/** Five of what is sent to a disk at a time: with the fifth the first is waited for, which is when the system tells of it. */
const fileBytes = 5 * 8 * 2 ** 20;

const headerJson = "{}      ";
const start = encodeSafetensorsHeader(headerJson).byteLength;

let disk: LoopDisk;
let file: FileHandle;
let path = "";

describe.runIf(LoopDisk.isToBeHad())("a disk that refuses what the system had accepted for it", () => {
  beforeEach(async () => {
    disk = new LoopDisk();
    path = join(disk.path, "file");
    file = await open(path, "wx+");
    await file.write(new Uint8Array(fileBytes).fill(7));
  });

  afterEach(async () => {
    await file.close().catch(() => undefined);
    disk.remove();
  });

  const refusal = "the disk did not take what was written";

  test("fails whoever has it written behind: at once, at the end, and with what is written next", async () => {
    disk.pull();
    const told: unknown[] = [];
    const behind = new WriteBehind(file.fd, (error) => told.push(error));
    await behind.passed(fileBytes);
    await expect(behind.rest()).rejects.toThrow(refusal);
    expect(told).toEqual([expect.objectContaining({ message: expect.stringContaining(refusal) })]);
    await expect(behind.passed(fileBytes + 2 ** 23)).rejects.toThrow(refusal);
  });

  test("fails whoever follows what is written, which is told at once", async () => {
    disk.pull();
    const failures: unknown[] = [];
    const follower = new OutputFollower([{ path, headerJson, byteLength: fileBytes }], {
      hashes: true,
      onFailure: (error) => failures.push(error),
    });
    follower.written([{ file: 0, start, end: fileBytes }]);
    const refused = { failure: { code: "write-failed", what: "The disk did not take what was written" } };
    await expect(follower.finish()).rejects.toMatchObject(refused);
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatchObject(refused);
    // Not even what was followed by then is to be taken for written, by whoever asks.
    await expect(follower.rest()).rejects.toMatchObject(refused);
    await follower.stop();
  });

  test("fails whoever stops in the middle as well", async () => {
    disk.pull();
    const byteLength = fileBytes + 2 ** 20;
    const follower = new OutputFollower([{ path, headerJson, byteLength }], { hashes: false });
    follower.written([{ file: 0, start, end: fileBytes }]);
    await follower.reached(0, fileBytes);
    expect(follower.failure).toBeNull();
    await follower.stop();
    expect(follower.failure).toMatchObject({ failure: { code: "write-failed" } });
  });
});
