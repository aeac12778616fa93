import { execFileSync, spawnSync } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { modelFolders } from "../src-core/test-support/model-folders.ts";
import { type RandomCase, randomCase } from "../src-core/test-support/random-vocabularies.ts";
import { checkModelFolder } from "../src-core/vocabulary/folder-check.ts";
import { runCli } from "./launch.ts";
import { readTensors } from "./support/reference-merge.ts";
import { expect, test } from "./support/workspace.ts";

const oracle = resolve(import.meta.dirname, "oracle", "token_merge_oracle.py");
const hasPython = spawnSync("python3", ["--version"]).status === 0;
const roles = ["target", "chat", "base"] as const;

const run = (...words: string[]) => execFileSync("python3", [oracle, ...words], { encoding: "utf8" });

async function writeFolder(path: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  await mkdir(path, { recursive: true });
  for (const [name, contents] of Object.entries(files)) await writeFile(join(path, name), contents);
}

async function writeCase(path: string, { files, rows }: Pick<RandomCase, "files" | "rows">): Promise<void> {
  for (const role of roles) await writeFolder(join(path, role), files[role]);
  await writeFile(join(path, "rows.json"), JSON.stringify(rows));
}

/** Seeds whose vocabularies share many tokens at other rows, with duplicates, bytes, added tokens and padding. */
const cases = [
  { seed: 245, dtypes: "F32,F32,F32", ties: "000", policy: "by-token", backend: "cpu" },
  { seed: 353, dtypes: "BF16,BF16,BF16", ties: "100", policy: "by-token", backend: "cpu" },
  { seed: 69, dtypes: "BF16,F32,F16", ties: "011", policy: "by-token", backend: "gpu" },
  { seed: 312, dtypes: "F16,F16,BF16", ties: "010", policy: "by-token", backend: "gpu" },
  { seed: 52, dtypes: "BF16,BF16,BF16", ties: "001", policy: "first-rows", backend: "cpu" },
  { seed: 289, dtypes: "F32,BF16,BF16", ties: "110", policy: "keep-target", backend: "cpu" },
] as const;

test.describe("merges of vocabularies that differ agree with Python, element by element", () => {
  test.skip(!hasPython, "python3 is not installed");

  for (const { seed, dtypes, ties, policy, backend } of cases) {
    test(`${policy}, ${dtypes}, tied ${ties}, on the ${backend}, ${randomCase(seed).name}`, async ({ folder }) => {
      const models = join(folder, "models");
      await writeCase(models, randomCase(seed));
      run("write", models, String(seed), dtypes, ties);
      const out = join(folder, "out");
      const words = roles.flatMap((role) => [`--${role}`, join(models, role)]);
      const more = ["--vocabulary", policy, "--scale", "0.7", "--backend", backend, "--chat-template", "target"];
      const { code, stderr, stdout } = await runCli(["merge", ...words, ...more, "--out", out, "--json"]);
      expect(code, stderr).toBe(0);
      const { added, kept } = JSON.parse(run("check", models, out, "0.7", policy));
      expect(kept).toBeGreaterThan(10);
      expect(added).toBeGreaterThan(policy === "keep-target" ? 0 : 20);
      const { problems } = JSON.parse(stdout);
      const problem = problems.find((each: { code: string }) => each.code === "vocabulary-differs");
      expect(problem.message).toMatch(/^Vocabularies differ: (all )?[\d,]+ (of [\d,]+ )?tokens? matched/);
      expect(stderr).toContain(`decision: ${problem.message}`);
      expect(problem.choices.find((choice: { selected: boolean }) => choice.selected).id).toBe(policy);
    });
  }

  for (const [tokens, dtypes, ties, backend] of [
    [["<|im_start|>", "<|im_end|>"], "BF16,BF16,BF16", "000", "cpu"],
    [["<|im_end|>=><unused0>", "<|im_start|>"], "F16,BF16,F32", "010", "gpu"],
  ] as const) {
    test(`with chat tokens ${tokens.join(" and ")}, ${dtypes}, on the ${backend}`, async ({ folder }) => {
      const models = join(folder, "models");
      const untied = { target: false, chat: false, base: false };
      const folders = modelFolders("BPE", untied, { target: 0, chat: 2, base: 1 });
      const tokenizers = (files: Readonly<Record<string, string | Uint8Array>>) =>
        Object.fromEntries(Object.entries(files).filter(([name]) => name !== "model.safetensors"));
      const files = {
        target: tokenizers(folders.target),
        chat: tokenizers(folders.chat),
        base: tokenizers(folders.base),
      };
      await writeCase(models, { files, rows: { target: 12, chat: 13, base: 10 } });
      run("write", models, "1", dtypes, ties);
      const out = join(folder, "out");
      const words = roles.flatMap((role) => [`--${role}`, join(models, role)]);
      const chosen = tokens.flatMap((token) => ["--chat-token", token]);
      const more = ["--scale", "0.7", "--backend", backend];
      const { code, stderr, stdout } = await runCli(["merge", ...words, ...chosen, ...more, "--out", out, "--json"]);
      expect(code, stderr).toBe(0);
      expect(JSON.parse(run("check", models, out, "0.7", "by-token", ...tokens)).taken).toBe(4);
      expect(JSON.parse(stdout).verified.mismatches).toBe(0);
      expect(await findingsOf(out)).toEqual([]);
    });
  }
});

test("an exported folder has what loading it needs", async ({ folder }) => {
  const made = await runCli([
    "samples",
    "--out",
    folder,
    "--parameters",
    "200K",
    "--own-tokens",
    "40",
    "--shuffled",
    "--tied",
    "--json",
  ]);
  const { target, chat, base } = JSON.parse(made.stdout);
  const out = join(folder, "out");
  const { code, stderr } = await runCli(["merge", "--target", target, "--chat", chat, "--base", base, "--out", out]);
  expect(code, stderr).toBe(0);
  expect(stderr).toMatch(/Vocabularies differ: \d+ of \d+ tokens matched; 40 are the target's own, e\.g\. /);
  expect(await findingsOf(out)).toEqual([]);
});

test("refuses a chat token that there is no place for, and misspelt ones", async ({ folder, samples }) => {
  const words = ["merge", ...roles.flatMap((role) => [`--${role}`, samples[role]]), "--out", join(folder, "out")];
  const unknown = await runCli([...words, "--chat-token", "<|nobody|>"]);
  expect(unknown.code).toBe(4);
  expect(unknown.stderr).toContain("<|nobody|>");
  expect((await runCli([...words, "--chat-token", "=>x"])).code).toBe(2);
  expect(await readdir(folder)).toEqual([]);
});

/** What keeps the usual tools from loading the folder. */
async function findingsOf(path: string): Promise<string[]> {
  const names = await readdir(path);
  const small = names.filter((name) => !name.endsWith(".safetensors"));
  const contents = await Promise.all(small.map(async (name) => [name, await readFile(join(path, name))] as const));
  const tensors = [...(await readTensors(path))];
  const vocabularyTensors = tensors
    .filter(([name]) => /embed_tokens|lm_head/.test(name))
    .map(([name, { shape }]) => ({ name, role: roleOf(name), shape }));
  const layers = new Set(tensors.flatMap(([name]) => /layers\.(\d+)\./.exec(name)?.[1] ?? []));
  const folder = { path, names, files: new Map(contents), vocabularyTensors, layerCount: layers.size };
  return (await checkModelFolder(folder)).map(
    ({ file, what, expected, actual }) => `${file}: ${what}; ${expected}, ${actual}`,
  );
}

function roleOf(name: string): "embedding" | "head" {
  return name.includes("lm_head") ? "head" : "embedding";
}
