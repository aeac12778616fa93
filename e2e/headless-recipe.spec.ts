import { spawnSync } from "node:child_process";
import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { runCli } from "./launch.ts";
import { differingTensors, referenceMergeOf } from "./support/reference-merge.ts";
import { expect, test } from "./support/workspace.ts";

const oracle = resolve(import.meta.dirname, "oracle", "oracle.py");
const hasPython = spawnSync("python3", ["--version"]).status === 0;

function runOracle(...words: string[]): string {
  const { status, stdout, stderr } = spawnSync("python3", [oracle, ...words], { encoding: "utf8" });
  if (status !== 0) throw new Error(`the oracle says: ${stderr}${stdout}`);
  return stdout;
}

test("target + 0.5·(a − base₁) + 0.5·(b − base₂) is one recipe, and agrees with exact arithmetic in Python", async ({
  folder,
}) => {
  test.skip(!hasPython, "python3 is not installed");
  const [first, second] = [join(folder, "first"), join(folder, "second")];
  runOracle("write", first);
  runOracle("write", second, "8");
  const recipe = join(folder, "japanese.yaml");
  await writeFile(
    recipe,
    `target: ./first/target
vectors:
  - {name: a, chat: ./first/chat, base: ./first/base, scale: 0.5}
  - {name: b, chat: ./second/chat, base: ./second/base, scale: 0.5}
`,
  );
  const out = join(folder, "out");
  const { code, stderr } = await runCli(["merge", "--recipe", recipe, "--out", out], { cwd: "/" });
  expect(stderr).not.toContain("error");
  expect(code).toBe(0);
  const vectors = [first, second].flatMap((models) => [join(models, "base"), join(models, "chat"), "0.5"]);
  const [base = "", chat = "", scale = "", ...more] = vectors;
  expect(runOracle("check", base, chat, join(first, "target"), out, scale, ...more)).toContain("7609 elements");
});

test("a recipe with a curve and rules gives every tensor its λ; options beside it go before it", async ({
  folder,
  samples,
}) => {
  await symlink(resolve(samples.base, ".."), join(folder, "models"));
  const recipe = join(folder, "recipe.yaml");
  await writeFile(
    recipe,
    `target: ./models/target
vectors:
  - chat: ./models/chat
    base: ./models/base
    scale: 0.8
    curve: [0, 1]
    outside: 0.25
    rules: [{tensors: "*norm.weight", scale: 0}]
`,
  );
  const layers = 13;
  const scaleOf = (scale: number) => (name: string) => {
    if (name.endsWith("norm.weight")) return 0;
    const layer = /layers\.(\d+)\./.exec(name)?.[1];
    return layer === undefined ? 0.25 : scale * (Number(layer) / layers);
  };
  for (const [words, scale] of [
    [[], 0.8],
    [["--scale", "0.5"], 0.5],
  ] as const) {
    const out = join(folder, `out-${scale}`);
    expect((await runCli(["merge", "--recipe", recipe, ...words, "--out", out])).code).toBe(0);
    const { chat, base } = samples;
    const expected = await referenceMergeOf(samples.target, [{ chat, base, scale: scaleOf(scale) }]);
    expect(await differingTensors(out, expected)).toEqual([]);
  }
});

test("what contradicts a recipe, or is none, is an error that says so", async ({ folder, samples }) => {
  const recipe = join(folder, "two.yaml");
  const vector = `{chat: ${samples.chat}, base: ${samples.base}}`;
  await writeFile(recipe, `target: ${samples.target}\nvectors: [${vector}, ${vector}]\n`);
  await writeFile(join(folder, "typo.yaml"), `target: t\nvectors:\n  - {chat: c, base: b, scael: 1}\n`);
  await writeFile(join(folder, "gone.yaml"), `target: ./none\nvectors:\n  - {chat: ./c, base: ./b}\n`);
  const out = join(folder, "out");
  const refusals: readonly (readonly [words: string[], code: number, says: string])[] = [
    [["--recipe", recipe, "--chat", samples.chat, "--out", out], 2, "--recipe and --chat contradict each other"],
    [["--recipe", recipe, "--scale", "0.5", "--out", out], 2, "which of the recipe's 2 vectors"],
    [["--recipe", join(folder, "typo.yaml"), "--out", out], 2, "typo.yaml:3:24"],
    [["--recipe", join(folder, "typo.yaml"), "--out", out], 2, "Did you mean scale?"],
    [["--recipe", join(folder, "none.yaml"), "--out", out], 2, "recipe-not-found"],
    [["--recipe", join(folder, "gone.yaml"), "--out", out], 3, join(folder, "none")],
    [["--recipe", recipe], 2, "missing --out"],
  ];
  for (const [words, code, says] of refusals) {
    const result = await runCli(["merge", ...words]);
    expect({ code: result.code, says: result.stderr }).toEqual({ code, says: expect.stringContaining(says) });
  }
});

test("measures a recipe's vectors, each with its figures, and says how they stand to each other", async ({
  folder,
  samples,
}) => {
  const recipe = join(folder, "two.yaml");
  const vector = (name: string, scale: number) =>
    `  - {name: ${name}, chat: ${samples.chat}, base: ${samples.base}, scale: ${scale}}\n`;
  await writeFile(recipe, `target: ${samples.target}\nvectors:\n${vector("a", 0.5)}${vector("b", -0.5)}`);
  const csv = join(folder, "figures.csv");
  const { code, stdout } = await runCli(["measure", "--recipe", recipe, "--json", "--csv", csv]);
  expect(code).toBe(0);
  const { tensors, vectors } = JSON.parse(stdout);
  expect(vectors.map(({ name, cosines }: { name: string; cosines: number[] }) => [name, cosines[0]])).toEqual([
    ["a", 1],
    ["b", expect.closeTo(1, 6)],
  ]);
  for (const { vectors: each, merged, target } of tensors) {
    expect(each.map(({ scale }: { scale: number }) => scale)).toEqual([0.5, -0.5]);
    expect(each[0].vector).toBeCloseTo(each[1].vector, 9);
    // They cancel.
    expect(merged / target).toBeCloseTo(1, 6);
  }
  const lines = (await readFile(csv, "utf8")).trim().split("\n");
  expect(lines).toHaveLength(2 * tensors.length + 1);
  expect(lines[0]).toMatch(/^of,name,.*,scale$/);
  const text = await runCli(["measure", "--recipe", recipe]);
  expect(text.stdout).toContain("b, cos 1.000 with a");
});

test("a mergekit file merges as a recipe, becomes one, and comes back", async ({ folder, samples }) => {
  await mkdir(join(folder, "m"));
  for (const role of ["base", "chat", "target"] as const) {
    await cp(samples[role], join(folder, "m", role), { recursive: true });
  }
  const merge = join(folder, "merge.yml");
  await writeFile(
    merge,
    `merge_method: task_arithmetic
base_model: ./m/target
models:
  - model: ./m/chat
    parameters:
      weight:
        - filter: mlp
          value: 0.25
        - value: [0, 1]
  - model: ./m/base
    parameters:
      weight:
        - filter: mlp
          value: -0.25
        - value: [0, -1]
dtype: bfloat16
`,
  );
  const expected = await referenceMergeOf(samples.target, [
    {
      chat: samples.chat,
      base: samples.base,
      scale: (name) => (name.includes("mlp") ? 0.25 : Number(/layers\.(\d+)\./.exec(name)?.[1] ?? 0) / 13),
    },
  ]);
  const direct = await runCli(["merge", "--recipe", merge, "--out", join(folder, "direct"), "--json"]);
  expect(direct.code).toBe(0);
  expect(await differingTensors(join(folder, "direct"), expected)).toEqual([]);

  const recipe = join(folder, "recipe.yaml");
  expect((await runCli(["recipe", merge, "--out", recipe])).stdout).toBe(`${recipe}\n`);
  expect(await readFile(recipe, "utf8")).toContain("target: ./m/target");
  const again = await runCli(["recipe", merge, "--out", recipe, "--json"]);
  expect(again.code).toBe(5);
  expect(JSON.parse(again.stdout)).toMatchObject({ error: { code: "output-exists" } });

  const back = join(folder, "back.yml");
  expect((await runCli(["recipe", recipe, "--as", "mergekit", "--out", back])).code).toBe(0);
  const out = join(folder, "round");
  expect((await runCli(["merge", "--recipe", back, "--out", out])).code).toBe(0);
  expect(await differingTensors(out, expected)).toEqual([]);

  await writeFile(
    recipe,
    `target: ./m/target\nvectors: [{chat: ./m/chat, base: ./m/base}]\noutput: {tokenizer: chat}\n`,
  );
  const refused = await runCli(["recipe", recipe, "--as", "mergekit"]);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain("recipe-inexpressible");
});
