import { spawn } from "node:child_process";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { checkout } from "../build/checkout.mjs";
import { type CodeBlock, readDocuments } from "../build/documents/documents.mjs";
import { expect, type SamplePaths, test } from "./support/workspace.ts";

/** What commands in documents call the three models. */
const standIns = { base: "llama2", chat: "llama2-chat", target: "llama2-ko" } as const;

const recipe = `target: ./llama2-ko
vectors: [{name: chat, chat: ./llama2-chat, base: ./llama2, scale: 0.8}]
`;

/**
 * The commands of one document, run one block after the other in one folder, as a reader would type them. The folder has the
 * sample models and a recipe of them.
 */
for (const { file, blocks } of readDocuments(checkout)) {
  const runnable = blocks.filter(({ language, notRun }) => language === "sh" && notRun === null);
  if (runnable.length === 0) continue;
  test(`the commands in ${file} do what they say`, async ({ folder, samples }) => {
    const programs = await prepare(folder, samples);
    for (const block of runnable) await runBlock(block, join(folder, "work"), programs);
  });
}

/** Returns the folder of the programs that a reader has and this machine has not. */
async function prepare(folder: string, samples: SamplePaths): Promise<string> {
  for (const role of ["base", "chat", "target"] as const) {
    await cp(samples[role], join(folder, "work", standIns[role]), { recursive: true });
  }
  await writeFile(join(folder, "work", "recipe.yaml"), recipe);
  const programs = join(folder, "bin");
  await mkdir(programs);
  const studio = `#!/bin/sh\nexec "${process.execPath}" "${join(checkout, "build", "cli.mjs")}" "$@"\n`;
  await writeFile(join(programs, "chat-vector-studio"), studio, { mode: 0o755 });
  return programs;
}

async function runBlock({ file, line, code }: CodeBlock, cwd: string, programs: string): Promise<void> {
  // The reader is in the checkout, with models beside it; here the models are elsewhere, and nothing is written to the checkout.
  const script = `set -eu\nnpm() { command npm --prefix "${checkout}" "$@"; }\n${code}`;
  const { code: exitCode, output } = await runShell(script, cwd, {
    ...process.env,
    PATH: `${programs}${delimiter}${process.env.PATH}`,
  });
  expect(exitCode, `${file}:${line} gave ${exitCode}:\n${output}`).toBe(0);
}

function runShell(
  script: string,
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn("bash", ["-c", script], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output }));
  });
}
