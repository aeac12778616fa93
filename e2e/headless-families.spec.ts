import { spawnSync } from "node:child_process";
import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { runCli } from "./launch.ts";
import { expect, test } from "./support/workspace.ts";

const oracle = resolve(import.meta.dirname, "oracle", "families_oracle.py");
const hasPython = spawnSync("python3", ["--version"]).status === 0;

function runOracle(...words: string[]): string {
  return askOracle(words, "");
}

function askOracle(words: readonly string[], input: string): string {
  const { status, stdout, stderr } = spawnSync("python3", [oracle, ...words], { encoding: "utf8", input });
  if (status !== 0) throw new Error(`the oracle says: ${stderr}${stdout}`);
  return stdout;
}

const cases: readonly [name: string, what: string, counts: string, problems: readonly string[]][] = [
  ["vision-target", "a text model's vector into a model with eyes", "9 tensors merged, 3 copied", ["modality-kept"]],
  ["vision-vector", "the vector of models with eyes into a text model", "9 tensors merged", ["modality-left-out"]],
  ["prefixes", "names with three different prefixes", "9 tensors merged, 0 copied", []],
  ["fp8-tensor", "FP8 with a scale for a tensor, and for a row", "3 tensors merged, 0 copied", ["float8-widened"]],
  ["fp8-blocks", "FP8 with a scale for 128 × 128 values", "3 tensors merged, 0 copied", ["float8-widened"]],
  ["f64", "F64 in any of the three", "3 tensors merged, 1 copied", ["tensor-only-in-target"]],
  ["fused", "projections that the chat model alone has fused", "5 tensors merged, 0 copied", ["layout-matched"]],
  ["strided", "PyTorch files whose tensors are views with strides", "3 tensors merged, 0 copied", []],
];

test("says of an adapter that it is no model, and what to do; beside a model's files it is passed over", async ({
  folder,
}) => {
  test.skip(!hasPython, "python3 is not installed");
  runOracle("write", "strided", folder);
  runOracle("adapter", folder);
  const [base, chat, target, adapter] = ["base", "chat", "target", "adapter"].map((role) => join(folder, role));
  const merge = async (words: string[]) => runCli(["merge", ...words, "--out", join(folder, "out"), "--json"]);
  const refused = await merge(["--base", `${base}`, "--chat", `${adapter}`, "--target", `${target}`]);
  expect(refused.code).toBe(3);
  const { error } = JSON.parse(refused.stdout);
  expect(error).toMatchObject({ code: "checkpoint-unsupported" });
  expect(error.message).toContain("The chat model is an adapter (LoRA or its like), not a model: merge the adapter");
  const unmeasured = await runCli(["measure", "--base", `${base}`, "--chat", `${adapter}`, "--json"]);
  expect(JSON.parse(unmeasured.stdout).error.message).toContain("is an adapter");
  runOracle("adapter", folder, "chat");
  const passedOver = await merge(["--base", `${base}`, "--chat", `${chat}`, "--target", `${target}`]);
  expect(passedOver.code).toBe(0);
});

for (const [name, what, figures] of [
  ["fp8-blocks", "FP8 by its scales", "18 figures agree"],
  ["f64", "F64", "18 figures agree"],
  ["vision-target", "a text model's vector beside a model with eyes", "54 figures agree"],
] as const) {
  test(`measures what Python's floats say: ${what}`, async ({ folder }) => {
    test.skip(!hasPython, "python3 is not installed");
    runOracle("write", name, folder);
    const words = ["base", "chat", "target"].flatMap((role) => [`--${role}`, join(folder, role)]);
    const { code, stdout, stderr } = await runCli(["measure", ...words, "--json"]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(askOracle(["measure", name], stdout)).toContain(figures);
  });
}

for (const [name, what, counts, codes] of cases) {
  test(`merges exactly, by Python's fractions: ${what}`, async ({ folder }) => {
    test.skip(!hasPython, "python3 is not installed");
    runOracle("write", name, folder);
    const [base, chat, target] = ["base", "chat", "target"].map((role) => join(folder, role)) as [
      string,
      string,
      string,
    ];
    const out = join(folder, "out");
    const words = ["--base", base, "--chat", chat, "--target", target, "--scale", "0.7", "--out", out, "--json"];
    for (const backend of ["cpu", "gpu"]) {
      const { code, stdout, stderr } = await runCli(["merge", ...words, "--backend", backend]);
      expect({ code, stderr }).toMatchObject({ code: 0 });
      const { problems, verified } = JSON.parse(stdout);
      expect(problems.map((problem: { code: string }) => problem.code)).toEqual(codes);
      expect(verified.mismatches).toBe(0);
      expect(runOracle("check", name, out, "0.7")).toContain(counts);
      await rm(out, { recursive: true });
    }
  });
}
