import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { runCli } from "./launch.ts";
import { differingTensors, readTensors, referenceMerge } from "./support/reference-merge.ts";
import { expect, test } from "./support/workspace.ts";

const oracle = resolve(import.meta.dirname, "oracle", "oracle.py");
const hasPython = spawnSync("python3", ["--version"]).status === 0;
const mnist = resolve(import.meta.dirname, "..", "..", "shared", "real", "mnist");

function runOracle(...words: string[]): string {
  const { status, stdout, stderr } = spawnSync("python3", [oracle, ...words], { encoding: "utf8" });
  if (status !== 0) throw new Error(`the oracle says: ${stderr}${stdout}`);
  return stdout;
}

test("merges, says what it did, and writes every byte that the reference computes", async ({ folder, samples }) => {
  const out = join(folder, "merged");
  const words = ["--base", samples.base, "--chat", samples.chat, "--target", samples.target, "--scale", "0.7"];
  const { code, stdout, stderr } = await runCli(["merge", ...words, "--out", out, "--json"]);
  const phases = ["preparing", "merging", "verifying"];
  expect(stderr.split("\n").filter((line) => phases.includes(line))).toEqual(phases);
  expect(code).toBe(0);
  const result = JSON.parse(stdout);
  expect(result).toMatchObject({ out, tensors: { copied: 0 }, verified: { mismatches: 0 }, problems: [] });
  expect(result.verified.samples).toBeGreaterThanOrEqual(65_536);
  const expected = await referenceMerge(samples, 0.7);
  expect(result.tensors.merged).toBe(expected.size);
  expect(await differingTensors(out, expected)).toEqual([]);
  expect(await readdir(folder)).toEqual(["merged"]);
  expect(await readFile(join(out, "tokenizer.json"))).toEqual(await readFile(join(samples.target, "tokenizer.json")));
});

for (const [backend, adapter] of [
  ["cpu", /^CPU, \d+ threads? \(WASM SIMD\)$/],
  ["gpu", /./],
] as const) {
  test(`merges and measures with --backend ${backend}, and says so`, async ({ folder, samples }) => {
    const out = join(folder, "merged");
    const words = ["--base", samples.base, "--chat", samples.chat, "--target", samples.target, "--backend", backend];
    const merged = await runCli(["merge", ...words, "--scale", "0.7", "--out", out, "--json"]);
    expect(merged.code).toBe(0);
    const said = { backend, adapter: expect.stringMatching(adapter), because: "it was asked for" };
    expect(JSON.parse(merged.stdout)).toMatchObject({ ...said, verified: { mismatches: 0 } });
    expect(await differingTensors(out, await referenceMerge(samples, 0.7))).toEqual([]);
    const measured = await runCli(["measure", ...words, "--json"]);
    expect(measured.code).toBe(0);
    expect(JSON.parse(measured.stdout)).toMatchObject(said);
  });
}

test("with λ = 0 gives the target's tensors bit for bit", async ({ folder, samples }) => {
  const out = join(folder, "same");
  const words = ["--base", samples.base, "--chat", samples.chat, "--target", samples.target, "--scale", "0"];
  const { code, stdout } = await runCli(["merge", ...words, "--out", out, "--json"]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ tensors: { merged: 0 } });
  const target = await readTensors(samples.target);
  expect(await differingTensors(out, new Map([...target].map(([name, { bytes }]) => [name, bytes])))).toEqual([]);
});

test("writes shards of the size asked for, an index, and a config that says the dtype", async ({ folder, samples }) => {
  const out = join(folder, "sharded");
  const words = ["--base", samples.base, "--chat", samples.chat, "--target", samples.target];
  const { code } = await runCli(["merge", ...words, "--out", out, "--shard-size", "500kB", "--dtype", "F16"]);
  expect(code).toBe(0);
  const { weight_map: weightMap, metadata } = JSON.parse(
    await readFile(join(out, "model.safetensors.index.json"), "utf8"),
  );
  const tensors = await readTensors(out);
  expect(Object.keys(weightMap).sort()).toEqual([...tensors.keys()].sort());
  expect(metadata.total_size).toBe([...tensors.values()].reduce((sum, { bytes }) => sum + bytes.byteLength, 0));
  for (const file of new Set<string>(Object.values(weightMap))) {
    expect((await stat(join(out, file))).size).toBeLessThan(520_000);
  }
  expect(new Set([...tensors.values()].map(({ dtype }) => dtype))).toEqual(new Set(["F16"]));
  expect(JSON.parse(await readFile(join(out, "config.json"), "utf8")).torch_dtype).toBe("float16");
});

test("agrees with exact arithmetic in Python on files that Python wrote: sharded bf16, f16 target", async ({
  folder,
}) => {
  test.skip(!hasPython, "python3 is not installed");
  runOracle("write", folder);
  const models = ["base", "chat", "target"].map((role) => join(folder, role)) as [string, string, string];
  for (const scale of ["0.7", "-1"]) {
    const out = join(folder, "out");
    const words = ["--base", models[0], "--chat", models[1], "--target", models[2], "--scale", scale];
    expect((await runCli(["merge", ...words, "--out", out])).code).toBe(0);
    expect(runOracle("check", ...models, out, scale)).toContain("7609 elements in 13 tensors");
    await rm(out, { recursive: true });
  }
});

test("agrees with exact arithmetic on real files, and copies and lists their integers", async ({ folder }) => {
  test.skip(!existsSync(mnist), "shared/real is not here");
  test.skip(!hasPython, "python3 is not installed");
  const [base, chat] = [join(mnist, "base.safetensors"), join(mnist, "chat.safetensors")];
  for (const target of [base, chat]) {
    const out = join(folder, "out");
    const { code, stdout } = await runCli([
      "merge",
      "--base",
      base,
      "--chat",
      chat,
      "--target",
      target,
      "--scale",
      "0.7",
      "--out",
      out,
      "--json",
    ]);
    expect(code).toBe(0);
    const { problems, tensors } = JSON.parse(stdout);
    expect(tensors).toEqual({ merged: 18, copied: 2 });
    const integers = ["norm1.num_batches_tracked", "norm2.num_batches_tracked"];
    expect(problems).toMatchObject([{ code: "dtype-copied", tensors: integers }]);
    expect(runOracle("check", base, chat, target, out, "0.7")).toContain("376938 elements in 20 tensors");
    await rm(out, { recursive: true });
  }
});

test("stops on Ctrl-C with exit code 130, and goes on with --resume where it stopped", async ({ folder }) => {
  // λ over every element of a model larger than one ring of slots, so that there is a middle to stop in.
  const made = await runCli(["samples", "--out", join(folder, "larger"), "--parameters", "60M", "--json"]);
  const { base, chat, target } = JSON.parse(made.stdout);
  const out = join(folder, "out");
  const abort = new AbortController();
  const running = runCli(["merge", "--base", base, "--chat", chat, "--target", target, "--out", out, "--json"], {
    interrupt: abort.signal,
  });
  const journal = join(`${out}.partial`, "journal");
  await expect
    .poll(async () => (await stat(journal).catch(() => ({ size: 0 }))).size, { intervals: [5] })
    .toBeGreaterThan(0);
  abort.abort();
  const { code, stdout } = await running;
  expect(code).toBe(130);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: "interrupted" } });
  expect((await readdir(folder)).sort()).toEqual(["larger", "out.partial"]);

  const words = ["merge", "--base", base, "--chat", chat, "--target", target, "--json"];
  const refused = await runCli([...words, "--out", out]);
  expect(refused.code).toBe(5);
  expect(refused.stderr).toContain("--resume");
  const resumed = await runCli([...words, "--out", out, "--resume"]);
  expect(resumed.code).toBe(0);
  const result = JSON.parse(resumed.stdout);
  const whole = result.files.reduce((sum: number, { bytes }: { bytes: number }) => sum + bytes, 0);
  expect(result.bytesWritten).toBeLessThan(whole);
  expect((await readdir(folder)).sort()).toEqual(["larger", "out"]);
  const uninterrupted = await runCli([...words, "--out", join(folder, "again")]);
  expect(uninterrupted.code).toBe(0);
  expect(JSON.parse(uninterrupted.stdout).files).toEqual(result.files);
});

test("reads past the page cache where told to, to the same bytes and figures", async ({ folder, samples }) => {
  const models = ["--base", samples.base, "--chat", samples.chat, "--target", samples.target];
  const results = [];
  for (const io of ["buffered", "direct", "auto"]) {
    const merged = await runCli(["merge", ...models, "--out", join(folder, io), "--io", io, "--json"]);
    const measured = await runCli(["measure", ...models, "--io", io, "--json"]);
    expect([merged.code, measured.code]).toEqual([0, 0]);
    const { files, bytesRead } = JSON.parse(merged.stdout);
    results.push({ files, bytesRead, tensors: JSON.parse(measured.stdout).tensors });
  }
  expect(results[1]).toEqual(results[0]);
  expect(results[2]).toEqual(results[0]);
});

test("replaces an earlier merge only when asked to", async ({ folder, samples }) => {
  const out = join(folder, "merged");
  const words = ["merge", "--base", samples.base, "--chat", samples.chat, "--target", samples.target, "--out", out];
  expect((await runCli(words)).code).toBe(0);
  await writeFile(join(out, "notes.txt"), "of the first merge");
  const refused = await runCli(words);
  expect(refused.code).toBe(5);
  expect(refused.stderr).toContain("error: output-exists:");
  expect(await readdir(out)).toContain("notes.txt");
  expect((await runCli([...words, "--overwrite", "--scale", "0.5"])).code).toBe(0);
  expect(await readdir(out)).not.toContain("notes.txt");
  expect(await differingTensors(out, await referenceMerge(samples, 0.5))).toEqual([]);
});
