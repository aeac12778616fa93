import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readSafetensorsHeader } from "../../src-core/checkpoint/safetensors-header.ts";
import { StudioError } from "../../src-core/errors.ts";
import { makeSampleModel } from "../../src-core/samples/sample-model.ts";
import { describeSample, type SampleOptions, sampleRoles } from "../../src-core/samples/sample-options.ts";
import { sampleFailure } from "./sample-failure.ts";
import { makeSampleModels, type SampleProgress } from "./sample-models.ts";

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sample-models-"));
});

afterEach(async () => {
  await chmod(folder, 0o755);
  await rm(folder, { recursive: true });
});

const tiny: SampleOptions = { parameters: 100_000 };
const failsWith = (code: string) => expect.objectContaining({ failure: expect.objectContaining({ code }) });

/** Writes of a process that is gone: its id is beyond what systems give out. */
const goneProcess = 2 ** 31 - 2;

test("a triple is written as it was described, and nothing else is left", async () => {
  const directory = join(folder, "parents", "samples");
  const options: SampleOptions = { ...tiny, seed: 5, shardBytes: 60_000, dtypes: { chat: "F16" } };
  const progress: SampleProgress[] = [];
  const paths = await makeSampleModels({ ...options, directory, onProgress: (step) => progress.push(step) });
  expect(paths).toEqual({
    base: join(directory, "base"),
    chat: join(directory, "chat"),
    target: join(directory, "target"),
  });
  expect((await readdir(directory)).sort()).toEqual(["base", "chat", "sample.json", "target"]);
  expect(await readdir(join(folder, "parents"))).toEqual(["samples"]);
  for (const role of sampleRoles) {
    const { files } = makeSampleModel(describeSample(options), role);
    expect((await readdir(paths[role])).sort()).toEqual(files.map(({ name }) => name).sort());
    for (const file of files) {
      const expected = new Uint8Array(file.byteLength);
      file.fill(expected, 0);
      const found = await readFile(join(paths[role], file.name));
      expect(`${file.name} ${Buffer.compare(found, expected)}`).toBe(`${file.name} 0`);
    }
  }
  const last = progress.at(-1);
  expect(last?.bytesWritten).toBe(last?.bytesToWrite);
});

test("a prefix goes before each role, and the folder is found again by it", async () => {
  const directory = join(folder, "samples");
  const paths = await makeSampleModels({ ...tiny, directory, prefix: "sample-" });
  expect(paths.chat).toBe(join(directory, "sample-chat"));
  expect((await readdir(directory)).sort()).toEqual(["sample-base", "sample-chat", "sample-target", "sample.json"]);
  await rm(join(paths.base, "model.safetensors"));
  await makeSampleModels({ ...tiny, directory, prefix: "sample-" });
  expect(await readdir(paths.base)).toContain("model.safetensors");
});

test("files longer than a chunk are whole", async () => {
  const { target } = await makeSampleModels({ parameters: 6e6, directory: join(folder, "samples") });
  const [file] = makeSampleModel(describeSample({ parameters: 6e6 }), "target").files.filter(({ name }) =>
    name.endsWith(".safetensors"),
  );
  if (file === undefined) throw new Error("no weights");
  expect(file.byteLength).toBeGreaterThan(8 * 1024 * 1024);
  const expected = new Uint8Array(file.byteLength);
  file.fill(expected, 0);
  const found = await readFile(join(target, file.name));
  expect(Buffer.compare(found, expected)).toBe(0);
  const { tensors } = await readSafetensorsHeader({
    name: file.name,
    byteLength: found.byteLength,
    readInto: async (destination, byteOffset) => {
      destination.set(found.subarray(byteOffset, byteOffset + destination.byteLength));
    },
  });
  expect(tensors.length).toBe(3 + 9 * describeSample({ parameters: 6e6 }).architecture.layers);
});

test("without options the small triple is made", async () => {
  const { base } = await makeSampleModels({ directory: join(folder, "samples") });
  const { size } = await stat(join(base, "model.safetensors"));
  expect(size).toBeGreaterThan(1_000_000);
  expect(size).toBeLessThan(3_000_000);
});

test("the same triple is made once, and what was lost of it comes back", async () => {
  const directory = join(folder, "samples");
  const { base, chat } = await makeSampleModels({ ...tiny, directory });
  const { mtimeMs } = await stat(join(base, "model.safetensors"));
  const whole = await readFile(join(chat, "model.safetensors"));
  const progress: SampleProgress[] = [];
  await makeSampleModels({ ...tiny, directory, onProgress: (step) => progress.push(step) });
  expect(progress).toEqual([]);

  await truncate(join(chat, "model.safetensors"), 1000);
  await rm(join(directory, "target"), { recursive: true });
  await makeSampleModels({ ...tiny, directory });
  expect(Buffer.compare(await readFile(join(chat, "model.safetensors")), whole)).toBe(0);
  expect((await readdir(join(directory, "target"))).length).toBe(6);
  expect((await stat(join(base, "model.safetensors"))).mtimeMs).toBe(mtimeMs);
  expect(await readdir(folder)).toEqual(["samples"]);
});

test("two at once make one triple", async () => {
  const directory = join(folder, "samples");
  const [one, two] = await Promise.all([
    makeSampleModels({ ...tiny, directory }),
    makeSampleModels({ ...tiny, directory }),
  ]);
  expect(one).toEqual(two);
  expect(await readdir(folder)).toEqual(["samples"]);
  expect((await readdir(directory)).length).toBe(4);
});

test("a folder with anything else in it is left alone", async () => {
  const directory = join(folder, "samples");
  await mkdir(directory);
  await writeFile(join(directory, "thesis.tex"), "");
  await expect(makeSampleModels({ ...tiny, directory })).rejects.toEqual(failsWith("output-exists"));
  await rm(join(directory, "thesis.tex"));
  await makeSampleModels({ ...tiny, directory });
  await expect(makeSampleModels({ ...tiny, seed: 2, directory })).rejects.toEqual(failsWith("output-exists"));
  await writeFile(join(directory, "sample.json"), "{");
  await expect(makeSampleModels({ ...tiny, directory })).rejects.toEqual(failsWith("output-exists"));
  await writeFile(join(folder, "file"), "");
  await expect(makeSampleModels({ ...tiny, directory: join(folder, "file") })).rejects.toEqual(
    failsWith("output-invalid"),
  );
});

test("too little space is said before anything is written", async () => {
  const request = makeSampleModels({ parameters: 10e12, directory: join(folder, "samples") });
  await expect(request).rejects.toEqual(failsWith("output-space"));
  expect(await readdir(folder)).toEqual([]);
});

test.each([
  ["EACCES", "output-permission"],
  ["EROFS", "output-permission"],
  ["ENOSPC", "output-space"],
  ["ENOTDIR", "output-invalid"],
  ["EIO", "write-failed"],
])("%s of the file system is %s, with the place", (errno, code) => {
  const failure = sampleFailure(Object.assign(new Error(`${errno}: refused`), { code: errno }), "/samples");
  expect(failure).toEqual(failsWith(code));
  expect(String(failure)).toContain("/samples");
});

test("a bug is no failure of the file system", () => {
  const bug = new TypeError("x is undefined");
  expect(sampleFailure(bug, "/samples")).toBe(bug);
});

test.skipIf(process.getuid?.() === 0 || process.platform === "win32")(
  "a folder without permission is said",
  async () => {
    await chmod(folder, 0o555);
    const request = makeSampleModels({ ...tiny, directory: join(folder, "samples") });
    await expect(request).rejects.toEqual(failsWith("output-permission"));
  },
);

test("an interrupted one leaves nothing behind", async () => {
  const abort = new AbortController();
  const reason = new StudioError({ code: "interrupted", what: "Interrupted" });
  const request = makeSampleModels({
    ...tiny,
    directory: join(folder, "samples"),
    signal: abort.signal,
    onProgress: () => abort.abort(reason),
  });
  await expect(request).rejects.toBe(reason);
  expect(await readdir(folder)).toEqual([]);
});

test("what a killed process left is removed, and nothing that only looks like it", async () => {
  const abandoned = `samples.partial-${goneProcess}-1`;
  const others = [`samples.partial-${process.ppid}-1`, "samples.partial", "samples.partial-mine", "other"];
  for (const name of [abandoned, ...others]) await mkdir(join(folder, name));
  await makeSampleModels({ ...tiny, directory: join(folder, "samples") });
  expect((await readdir(folder)).sort()).toEqual([...others, "samples"].sort());
});
