import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openCheckpointFolder } from "../checkpoints/checkpoint-folder.ts";
import { recordSource, type SourceRecord, sourceDifference } from "./source-record.ts";

const byteLength = 2 ** 20;
const name = "model.safetensors";

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "source-record-"));
  await writeFile(join(folder, name), new Uint8Array(byteLength));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function record(): Promise<SourceRecord> {
  const opened = await openCheckpointFolder(folder);
  try {
    return await recordSource(folder, opened, [name]);
  } finally {
    opened.close();
  }
}

/** As a program does that puts the file's time back: what lies in the file is all that tells. */
async function changeByte(at: number): Promise<void> {
  const file = await open(join(folder, name), "r+");
  const { atime, mtime } = await file.stat();
  await file.write(Uint8Array.of(1), 0, 1, at);
  await file.utimes(atime, mtime);
  await file.close();
}

const timesCount = { timesCount: true };

describe("a model's file of the same size and time", () => {
  test("is the same as long as nothing in it changed", async () => {
    expect(sourceDifference(await record(), await record(), timesCount)).toBeNull();
  });

  // The samples: the first 64 KiB, the last, and six between.
  test.each([0, 65_535, 150_000, 300_000, 580_000, byteLength - 65_536, byteLength - 1])(
    "is another one where byte %i is",
    async (at) => {
      const before = await record();
      await changeByte(at);
      const after = await record();
      // The file system's times may be finer than the ones that can be set.
      const sameTime = {
        ...after,
        files: after.files.map((file) => ({ ...file, modifiedMs: before.files[0]?.modifiedMs ?? 0 })),
      };
      expect(sourceDifference(before, sameTime, timesCount)).toMatchObject({ where: `${folder}, ${name}` });
    },
  );
});

describe("two records of a model", () => {
  const file = { name, bytes: 10, modifiedMs: 1000, sample: "a" };
  const source = (...files: SourceRecord["files"]): SourceRecord => ({ path: "/model", files });

  test("differ in a file's time only where times count", () => {
    const later = source({ ...file, modifiedMs: 2000 });
    expect(sourceDifference(source(file), later, timesCount)).toMatchObject({ where: `/model, ${name}` });
    expect(sourceDifference(source(file), later, { timesCount: false })).toBeNull();
  });

  test("differ in how many files there are", () => {
    const second = { ...file, name: "second.safetensors" };
    const difference = { where: "/model", expected: "2 files", actual: "1 files" };
    expect(sourceDifference(source(file, second), source(file), timesCount)).toEqual(difference);
    expect(sourceDifference(source(file), source(file, second), timesCount)).not.toBeNull();
  });
});
