import { mkdtempSync } from "node:fs";
import { rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ByteSource } from "../../src-core/checkpoint/byte-source.ts";
import type { Reading } from "../../src-core/engine/protocol.ts";
import { Random } from "../../src-core/random.ts";
import { DirectSource } from "./direct-source.ts";
import { isFasterDirect } from "./faster-reading.ts";
import { FileSource } from "./file-host.ts";
import { OpenFiles } from "./open-files.ts";

let folder = "";
let path = "";
let files: OpenFiles;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "direct-source-"));
  path = join(folder, "model.safetensors");
  files = new OpenFiles();
});

afterEach(async () => {
  await files.close();
  await rm(folder, { recursive: true, force: true });
});

/** Every word is its place, so that bytes from elsewhere show. */
function placesOf(byteLength: number): Uint8Array {
  const words = Uint32Array.from({ length: Math.ceil(byteLength / 4) }, (_, index) => index * 2_654_435_761);
  return new Uint8Array(words.buffer, 0, byteLength);
}

async function opened(reading: Reading): Promise<ByteSource> {
  const { size, mtimeMs } = await stat(path);
  const [[source] = []] = await files.openSources([[{ path, byteLength: size, modifiedMs: mtimeMs, reading }]]);
  if (source === undefined) throw new Error("no source");
  return source;
}

async function expectPart(source: ByteSource, bytes: Uint8Array, start: number, byteLength: number): Promise<void> {
  // Memory that begins anywhere, and neighbours that stay as they are.
  const memory = new Uint8Array(byteLength + 64).fill(0xee);
  await source.readInto(memory.subarray(13, 13 + byteLength), start);
  expect(Buffer.compare(memory.subarray(13, 13 + byteLength), bytes.subarray(start, start + byteLength))).toBe(0);
  expect([memory[12], memory[13 + byteLength]]).toEqual([0xee, 0xee]);
}

describe("a file read past the page cache", () => {
  test("gives the bytes of any place, in any length, at once and one after another", async () => {
    const bytes = placesOf(9_000_001);
    await writeFile(path, bytes);
    const source = await opened("direct");
    const random = new Random(3);
    const parts = Array.from({ length: 60 }, () => {
      const start = random.integer(bytes.length);
      return { start, byteLength: random.integer(Math.min(bytes.length - start, 4_000_000) + 1) };
    });
    const edges = [0, 1, 4095, 4096, 4097].flatMap((start) =>
      [0, 1, 131_071, 131_072, 1_048_576, 1_048_577, 3_000_000].map((byteLength) => ({ start, byteLength })),
    );
    const ends = [131_072, 200_000, 1_048_575].map((byteLength) => ({ start: bytes.length - byteLength, byteLength }));
    for (const { start, byteLength } of [...edges, ...ends]) await expectPart(source, bytes, start, byteLength);
    await Promise.all(parts.map(({ start, byteLength }) => expectPart(source, bytes, start, byteLength)));
  });

  test("is told of when it became shorter", async () => {
    await writeFile(path, placesOf(3_000_000));
    const source = await opened("direct");
    await truncate(path, 1_500_000);
    const failure = { failure: expect.objectContaining({ code: "checkpoint-changed" }) };
    await expect(source.readInto(new Uint8Array(2_000_000), 500_000)).rejects.toMatchObject(failure);
    await expectPart(source, placesOf(3_000_000), 500_000, 1_000_000);
  });

  test("is read through the page cache where that cannot be done, or is not wanted", async () => {
    const bytes = placesOf(2_000_000);
    await writeFile(path, bytes);
    for (const reading of ["buffered", "faster", "direct"] as const)
      await expectPart(await opened(reading), bytes, 7, 1_900_000);
    expect(await opened("buffered")).toBeInstanceOf(FileSource);
    // Too small a file to try it on.
    expect(await opened("faster")).toBeInstanceOf(FileSource);
  });
});

describe("which way is faster", () => {
  test("is found by reading pieces either way, in turns, the best of each", async () => {
    await writeFile(path, placesOf(16_000_000));
    const { size, mtimeMs } = await stat(path);
    const source = await FileSource.open({ path, byteLength: size, modifiedMs: mtimeMs });
    const direct = (await DirectSource.open(source)) ?? (source as unknown as DirectSource);
    // Starts and ends of the four turns: buffered takes 50 and 40, direct 90 and then as long as is said.
    const trial = (last: number) => {
      const clock = [0, 50, 100, 190, 200, 240, 300, 300 + last];
      return isFasterDirect(source, direct, () => clock.shift() ?? Number.NaN);
    };
    expect(await trial(30)).toBe(true);
    expect(await trial(38)).toBe(false);
    expect(await trial(95)).toBe(false);
    await source.close();
    if (direct !== (source as unknown)) await direct.close();
  });
});
