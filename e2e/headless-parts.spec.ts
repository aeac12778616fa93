import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runCli } from "./launch.ts";
import { expect, test } from "./support/workspace.ts";

const made = ["chat-vector.json", "README.md"];

/** Everything in a folder but what says when and where it was made. */
async function contentsOf(folder: string): Promise<Map<string, Buffer>> {
  const names = (await readdir(folder)).filter((name) => !made.includes(name));
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const)));
}

test("four parts, merged by four processes at once, make the whole, byte for byte", async ({ folder, samples }) => {
  const models = ["--base", samples.base, "--chat", samples.chat, "--target", samples.target];
  const words = ["merge", ...models, "--scale", "0.7", "--backend", "cpu", "--shard-size", "300KB"];
  const whole = await runCli([...words, "--out", join(folder, "whole")]);
  expect(whole.code).toBe(0);
  const out = join(folder, "parts");
  const parts = [1, 2, 3, 4].map((part) => runCli([...words, "--out", out, "--part", `${part}/4`, "--json"]));
  const results = (await Promise.all(parts)).map(({ code, stdout, stderr }) => {
    expect(stderr).not.toContain("error:");
    expect(code).toBe(0);
    return JSON.parse(stdout);
  });
  expect((await readdir(folder)).sort()).toEqual(["parts.parts", "whole"]);
  const finished = await runCli([...words, "--out", out, "--finish", "--json"]);
  expect(finished.stderr).not.toContain("error:");
  const result = JSON.parse(finished.stdout);
  expect(await contentsOf(out)).toEqual(await contentsOf(join(folder, "whole")));
  expect((await readdir(folder)).sort()).toEqual(["parts", "whole"]);
  const total = (key: string) => results.reduce((sum, part) => sum + part[key], 0);
  expect(result).toMatchObject({ bytesRead: total("bytesRead"), bytesWritten: total("bytesWritten") });
  expect(result.files.length).toBeGreaterThan(4);
  expect(result.verified).toMatchObject({ mismatches: 0 });
  const verified = await runCli(["verify", out, "--json"]);
  expect(verified.code).toBe(0);
});

test("more parts than files are no mistake; a missing one is, and so are parts of another merge", async ({
  folder,
  samples,
}) => {
  const models = ["--base", samples.base, "--chat", samples.chat, "--target", samples.target];
  const out = join(folder, "out");
  const words = ["merge", ...models, "--backend", "cpu", "--out", out];
  expect((await runCli([...words, "--part", "1/2"])).code).toBe(0);
  const early = await runCli([...words, "--finish"]);
  expect(early.code).toBe(5);
  expect(early.stderr).toMatch(/error: parts-missing: .*without 2/);
  expect((await runCli([...words, "--part", "2/2"])).code).toBe(0);
  const again = await runCli([...words, "--part", "1/2", "--resume"]);
  expect(again.code).toBe(0);
  expect(again.stdout).toContain("finished before");
  const other = await runCli([...words, "--finish", "--scale", "0.5"]);
  expect(other.code).toBe(4);
  expect(other.stderr).toContain("another recipe");
  expect((await stat(join(folder, "out.parts"))).isDirectory()).toBe(true);
  expect((await runCli([...words, "--finish"])).code).toBe(0);
  expect((await readdir(folder)).sort()).toEqual(["out"]);
  const whole = await runCli([...words, "--resume", "--json"]);
  expect(whole.code).toBe(0);
  expect(JSON.parse(whole.stdout)).toMatchObject({ out, finishedAt: expect.any(String) });
});

test("a part that was damaged after it was finished is found", async ({ folder, samples }) => {
  const models = ["--base", samples.base, "--chat", samples.chat, "--target", samples.target];
  const out = join(folder, "out");
  const words = ["merge", ...models, "--backend", "cpu", "--out", out];
  expect((await runCli([...words, "--part", "1/1"])).code).toBe(0);
  const file = join(folder, "out.parts", "part-1-of-1", "model.safetensors");
  await writeFile(file, (await readFile(file)).subarray(0, -2));
  const cut = await runCli([...words, "--finish"]);
  expect(cut.code).toBe(5);
  expect(cut.stderr).toContain(file);
  await rm(out, { recursive: true, force: true });
});

test("what is no part is wrong usage", async ({ folder, samples }) => {
  const models = ["--base", samples.base, "--chat", samples.chat, "--target", samples.target];
  for (const words of [
    ["--part", "3/2"],
    ["--part", "0/2"],
    ["--part", "two"],
    ["--part", "1/2", "--finish"],
  ]) {
    const { code } = await runCli(["merge", ...models, "--out", join(folder, "out"), ...words]);
    expect(code).toBe(2);
  }
  expect(await readdir(folder)).toEqual([]);
});
