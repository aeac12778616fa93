import { appendFile, mkdtemp, readdir, readFile, rm, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { InProcessEngine } from "../../src-core/test-support/in-process-engine.ts";
import { quickTemporaryFolder } from "../../src-core/test-support/quick-temporary-folder.ts";
import type { ExportResult } from "../api/exports.ts";
import { type Attempt, attemptExport, weightsPath, writeModels } from "./export-attempts.fixture.ts";

let root = "";
let out = "";
let made: ExportResult;

beforeAll(async () => {
  root = await mkdtemp(join(quickTemporaryFolder(2 ** 26), "finished-export-"));
});

beforeEach(async () => {
  await writeModels(root);
  out = join(root, "out");
  made = await attemptExport(root, out);
});

afterEach(async () => {
  for (const name of ["out", "out.partial", "out.parts"]) await rm(join(root, name), { recursive: true, force: true });
});

afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

/** A start that computes nothing, or fails. */
async function goOn(options: Attempt = {}): Promise<{ result: ExportResult; starts: number }> {
  const engine = new InProcessEngine();
  const result = await attemptExport(root, out, { engine, ...options });
  return { result, starts: engine.starts };
}

const isThere = { failure: { code: "output-exists" } };

test("a finished export that is to go on is done: its result is told, and nothing is written", async () => {
  const before = await stat(join(out, "chat-vector.json"));
  const { result, starts } = await goOn();
  const { finishedAt, ...told } = result;
  expect(starts).toBe(0);
  expect(told).toEqual({ ...made, seconds: told.seconds });
  expect(finishedAt).toBe(JSON.parse(await readFile(join(out, "chat-vector.json"), "utf8")).made.at);
  expect((await stat(join(out, "chat-vector.json"))).mtimeMs).toBe(before.mtimeMs);
  expect((await readdir(root)).sort()).toEqual(["base", "chat", "out", "target"]);
});

test("it is done by whatever version, and however old the models' dates have become", async () => {
  await utimes(weightsPath(root, "chat"), new Date(1e12), new Date(1e12));
  expect((await goOn({ version: "9.0.0" })).starts).toBe(0);
});

test("who does not ask to go on is told that something is there", async () => {
  await expect(goOn({ unfinished: "refuse" })).rejects.toMatchObject(isThere);
});

test("one of another recipe, of other models, or not as it was written, is not this one", async () => {
  await expect(goOn({ scale: 0.8 })).rejects.toMatchObject(isThere);
  const file = join(out, made.files[1]?.name ?? "");
  const weights = await readFile(file);
  await truncate(file, weights.byteLength - 1);
  await expect(goOn()).rejects.toMatchObject(isThere);
  await writeFile(file, Buffer.from(weights).fill(0x20, 20, 30));
  await expect(goOn()).rejects.toMatchObject(isThere);
  await writeFile(file, weights);
  expect((await goOn()).starts).toBe(0);
  // What is not weights may be changed by whoever uses the model, but not be missing.
  await appendFile(join(out, "README.md"), "more");
  expect((await goOn()).starts).toBe(0);
  await rm(join(out, "README.md"));
  await expect(goOn()).rejects.toMatchObject(isThere);
  await writeFile(weightsPath(root, "base"), Buffer.from(await readFile(weightsPath(root, "base"))).fill(1, 2000));
  await expect(goOn()).rejects.toMatchObject(isThere);
});

test("a finished share that is to go on is done, and the others are made", async () => {
  await rm(out, { recursive: true });
  const share = (index: number) => ({ part: { index, count: 2 } });
  const first = await goOn(share(1));
  expect(first.starts).toBe(1);
  const again = await goOn(share(1));
  expect(again.starts).toBe(0);
  expect(again.result).toEqual({ ...first.result, finishedAt: again.result.finishedAt, seconds: again.result.seconds });
  expect((await goOn(share(2))).starts).toBe(1);
  await expect(goOn({ ...share(1), scale: 0.8 })).rejects.toMatchObject(isThere);
  await expect(goOn({ ...share(1), unfinished: "refuse" })).rejects.toMatchObject(isThere);
});
