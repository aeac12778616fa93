import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { runCli } from "./launch.ts";
import { expect, test } from "./support/workspace.ts";

const oracle = resolve(import.meta.dirname, "oracle", "oracle.py");
const hasPython = spawnSync("python3", ["--version"]).status === 0;
const mnist = resolve(import.meta.dirname, "..", "..", "shared", "real", "mnist");

/** What exact sums in Python say of a report: a line of praise, or the first figure that differs. */
function judge(models: readonly string[], scale: string, report: string): string {
  const { stdout, stderr } = spawnSync("python3", [oracle, "measure", ...models, scale], {
    input: report,
    encoding: "utf8",
  });
  return stdout + stderr;
}

for (const backend of ["gpu", "cpu"]) {
  test(`measures norms and cosines that float64 agrees with, on the ${backend}`, async ({ samples, folder }) => {
    test.skip(!hasPython, "python3 is not installed");
    const models = [samples.base, samples.chat, samples.target];
    const csv = join(folder, "figures.csv");
    const words = ["--base", samples.base, "--chat", samples.chat, "--target", samples.target, "--backend", backend];
    const { code, stdout } = await runCli(["measure", ...words, "--scale", "0.7", "--json", "--csv", csv]);
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report.backend).toBe(backend);
    expect(judge(models, "0.7", stdout)).toMatch(/^\d+ figures of \d+ tensors, worst error/);
    let bytes = 0;
    for (const model of models) {
      const { tensors } = JSON.parse((await runCli(["inspect", model, "--json"])).stdout);
      for (const { byteLength } of tensors) bytes += byteLength;
    }
    // Each byte of every tensor once.
    expect(report.bytesRead).toBe(bytes);
    expect(report.layers.map(({ layer }: { layer: number }) => layer)).toEqual([...report.layers.keys()]);
    const lines = (await readFile(csv, "utf8")).trim().split("\n");
    expect(lines).toHaveLength(report.tensors.length + 1);
    expect(lines[0]).toContain("name,layer,module");
  });
}

for (const backend of ["gpu", "cpu"]) {
  test(`measures real files on the ${backend}`, async () => {
    test.skip(!existsSync(mnist) || !hasPython, "shared/real or python3 is not here");
    const [base, chat] = [join(mnist, "base.safetensors"), join(mnist, "chat.safetensors")];
    const words = ["--base", base, "--chat", chat, "--target", chat, "--backend", backend];
    const { code, stdout } = await runCli(["measure", ...words, "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).backend).toBe(backend);
    expect(judge([base, chat, chat], "1", stdout)).toMatch(/^\d+ figures of 18 tensors, worst error/);
    const { tensors } = JSON.parse(stdout);
    for (const { cosine } of tensors) expect(Math.abs(cosine - 1)).toBeLessThan(1e-5);
  });
}

test("measures two models without a target, and says null for what needs one", async ({ samples }) => {
  const { code, stdout } = await runCli(["measure", "--base", samples.base, "--chat", samples.chat, "--json"]);
  expect(code).toBe(0);
  for (const { vector, relative, target, shift, merged, cosine } of JSON.parse(stdout).tensors) {
    expect(vector).toBeGreaterThan(0);
    expect(relative).toBeGreaterThan(0);
    expect([target, shift, merged, cosine]).toEqual([null, null, null, null]);
  }
});
