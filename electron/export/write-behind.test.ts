import { mkdtempSync } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import koffi from "koffi";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WriteBehind } from "./write-behind.ts";

const mebibyte = 2 ** 20;
const fileBytes = 80 * mebibyte;

let folder = "";
let file: FileHandle;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "write-behind-"));
  file = await open(join(folder, "file"), "wx+");
});

afterEach(async () => {
  await file.close();
  await rm(folder, { recursive: true, force: true });
});

const pattern = (index: number) => new Uint8Array(mebibyte).fill(1 + (index % 251));

/** Which of the file's MiB have their first page in memory. */
function residentMebibytes(): boolean[] {
  const library = koffi.load(null);
  const mmap = library.func("intptr_t mmap(void *address, size_t length, int prot, int flags, int fd, int64_t offset)");
  const munmap = library.func("int munmap(intptr_t address, size_t length)");
  const mincore = library.func("int mincore(intptr_t address, size_t length, uint8_t *pages)");
  const address: number = mmap(null, fileBytes, 1, 1, file.fd, 0);
  const pages = new Uint8Array(fileBytes / 4096);
  expect(mincore(address, fileBytes, pages)).toBe(0);
  munmap(address, fileBytes);
  return Array.from({ length: fileBytes / mebibyte }, (_, index) => ((pages[index * 256] ?? 0) & 1) === 1);
}

test.runIf(process.platform === "linux")("what has been passed leaves memory, and is in the file", async () => {
  const behind = new WriteBehind(file.fd);
  for (let index = 0; index < fileBytes / mebibyte; index++) {
    await file.write(pattern(index), 0, mebibyte, index * mebibyte);
    await behind.passed((index + 1) * mebibyte);
  }
  await behind.rest();
  const resident = residentMebibytes();
  // What is still on its way stays: four stretches of 8 MiB.
  expect(resident.slice(0, 48)).toEqual(Array(48).fill(false));
  expect(resident.slice(48)).toEqual(Array(32).fill(true));
  const bytes = new Uint8Array(mebibyte);
  for (let index = 0; index < fileBytes / mebibyte; index++) {
    await file.read(bytes, 0, mebibyte, index * mebibyte);
    expect(Buffer.compare(bytes, pattern(index)), `MiB ${index}`).toBe(0);
  }
});

test("a file system that knows no such thing is written as ever", async () => {
  const behind = new WriteBehind(-1);
  await behind.passed(fileBytes);
  await behind.rest();
});
