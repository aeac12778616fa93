import { createHash } from "node:crypto";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { encodeSafetensorsHeader } from "../../src-core/checkpoint/safetensors-writer.ts";
import { Random } from "../../src-core/random.ts";
import { OutputFollower } from "./output-follower.ts";
import { nodeSha256, openSslSha256 } from "./sha256.ts";

/** So that the files have several. */
const pieceBytes = 2 ** 20;

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "output-follower-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const sha256 = (...parts: Uint8Array[]) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
};

function randomBytes(byteLength: number, seed: number): Uint8Array {
  const random = new Random(seed);
  return Uint8Array.from({ length: byteLength }, () => random.bits());
}

/** Two files whose header is not written yet, and the pieces that will be, in a random order. */
async function laidOut(seed: number) {
  const random = new Random(seed);
  const headerJson = "{}      ";
  const header = encodeSafetensorsHeader(headerJson);
  const files = [];
  const pieces = [];
  for (const index of [0, 1]) {
    const data = randomBytes(3_300_000 + random.integer(500_000), seed + index);
    const path = join(folder, `file-${index}`);
    await writeFile(path, new Uint8Array(header.byteLength + data.byteLength));
    files.push({ path, headerJson, byteLength: header.byteLength + data.byteLength, expected: sha256(header, data) });
    for (let at = 0; at < data.byteLength; ) {
      const bytes = data.subarray(at, at + 100_000 + random.integer(900_000));
      pieces.push({ file: index, path, start: header.byteLength + at, bytes });
      at += bytes.byteLength;
    }
  }
  pieces.sort(() => random.integer(3) - 1);
  return { files, pieces };
}

test("files are hashed as they are written, in whatever order that is", async () => {
  for (const seed of [1, 2, 3]) {
    const { files, pieces } = await laidOut(seed);
    const hasher = new OutputFollower(files, { hashes: true, pieceBytes });
    for (const { file, path, start, bytes } of pieces) {
      const handle = await open(path, "r+");
      await handle.write(bytes, 0, bytes.byteLength, start);
      await handle.close();
      hasher.written([{ file, start, end: start + bytes.byteLength }]);
    }
    expect(await hasher.finish()).toEqual(files.map(({ expected }) => expected));
    await hasher.stop();
  }
});

test("whoever waits for a place in a file is told when it is followed, and when it never will be", async () => {
  const { files, pieces } = await laidOut(6);
  const followed: number[] = [];
  const failures: unknown[] = [];
  const follower = new OutputFollower(files, {
    hashes: false,
    pieceBytes,
    onFollowed: (bytes) => followed.push(bytes),
    onFailure: (error) => failures.push(error),
  });
  const reached: string[] = [];
  const wait = async (file: number, end: number) => {
    await follower.reached(file, end);
    reached.push(`${file} ${end}`);
  };
  const [first = 0, second = 0] = files.map(({ byteLength }) => byteLength);
  const waiting = [wait(1, second), wait(0, first), wait(0, 100)];
  for (const { file, start, bytes } of pieces.slice(1))
    follower.written([{ file, start, end: start + bytes.byteLength }]);
  const [last] = pieces;
  if (last === undefined) throw new Error("no pieces");
  follower.written([{ file: last.file, start: last.start, end: last.start + last.bytes.byteLength }]);
  await Promise.all(waiting);
  expect(reached).toEqual([`0 100`, `0 ${first}`, `1 ${second}`]);
  expect(follower.reached(0, first)).toBe(null);
  expect(await follower.finish()).toEqual([null, null]);
  expect(followed).toEqual([...followed].sort((a, b) => a - b));
  expect(followed.at(-1)).toBe(first + second);
  await follower.stop();

  const stopped = new OutputFollower(files, { hashes: true, pieceBytes, onFailure: (error) => failures.push(error) });
  const never = stopped.reached(1, second);
  await stopped.stop();
  await expect(never).rejects.toThrow("not followed any more");
  await expect(stopped.reached(1, second)).rejects.toThrow("not followed any more");
  expect(failures).toEqual([]);
});

test("what was written before hashing began is hashed as well", async () => {
  const { files, pieces } = await laidOut(4);
  for (const { path, start, bytes } of pieces) {
    const handle = await open(path, "r+");
    await handle.write(bytes, 0, bytes.byteLength, start);
    await handle.close();
  }
  const hasher = new OutputFollower(files, { hashes: true, pieceBytes });
  expect(await hasher.finish()).toEqual(files.map(({ expected }) => expected));
});

test("a file that someone cut is an error, and stopping ends it at any time", async () => {
  const { files } = await laidOut(5);
  await writeFile(files[1]?.path ?? "", "short");
  const failing = new OutputFollower(files, { hashes: true, pieceBytes });
  await expect(failing.finish()).rejects.toMatchObject({ failure: { code: "write-failed" } });
  await failing.stop();
  const hasher = new OutputFollower(files, { hashes: true, pieceBytes });
  hasher.written([{ file: 0, start: 0, end: 2_000_000 }]);
  await hasher.stop();
});

test("OpenSSL's hash, where the system has one, is Node's", async () => {
  const bytes = randomBytes(1_000_001, 9);
  for (const create of [nodeSha256, openSslSha256() ?? nodeSha256]) {
    const hash = create();
    await hash.update(bytes.subarray(0, 77));
    await hash.update(bytes.subarray(77));
    expect(hash.digest()).toBe(sha256(bytes));
  }
});
