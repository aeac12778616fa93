import { spawn } from "node:child_process";
import { appendFile, copyFile, cp, link, mkdir, readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { checkout } from "../build/checkout.mjs";
import { sandboxSwitches } from "../build/sandbox.mjs";
import { electronUnderTest } from "./launch.ts";
import { expect, test } from "./support/workspace.ts";

/** Another Electron, of the same files, with an application of its own. */
async function linkElectron(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, copy] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await linkElectron(source, copy);
    else if (entry.isFile()) await link(source, copy).catch(() => copyFile(source, copy));
  }
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(program: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...sandboxSwitches(program), "--log-level=3", "--cli", "--", ...args]);
    const said = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].setEncoding("utf8").on("data", (text: string) => {
        said[stream] += text;
      });
    }
    // A dialog that nobody answers.
    const timer = setTimeout(() => child.kill("SIGKILL"), 30_000);
    child.on("error", reject).on("close", (code) => {
      clearTimeout(timer);
      resolve({ code, ...said });
    });
  });
}

test("a command whose program cannot be loaded says so in one line and ends", async ({ folder, samples }) => {
  test.skip(process.platform !== "linux", "elsewhere the program is no plain folder");
  const program = electronUnderTest();
  const copy = join(folder, "electron");
  await linkElectron(dirname(program), copy);
  const app = join(copy, "resources", "app");
  await mkdir(app, { recursive: true });
  await copyFile(join(checkout, "package.json"), join(app, "package.json"));
  await cp(join(checkout, "out"), join(app, "out"), { recursive: true });
  // Without its packages: the native module is not there.
  const missing = await run(join(copy, basename(program)), ["inspect", samples.base]);
  expect(missing.code).toBe(6);
  expect(missing.stdout).toBe("");
  expect(missing.stderr).toMatch(/^error: device-failed: The program failed: Cannot find module 'koffi'\n$/);

  await cp(join(checkout, "node_modules", "koffi"), join(app, "node_modules", "koffi"), { recursive: true });
  await cp(join(checkout, "node_modules", "@koromix"), join(app, "node_modules", "@koromix"), { recursive: true });
  await appendFile(join(app, "out", "main", "main.cjs"), '\nthrow new Error("broken to the end");\n');
  const broken = await run(join(copy, basename(program)), ["inspect", samples.base, "--json"]);
  expect(broken.code).toBe(6);
  expect(JSON.parse(broken.stdout).error).toMatchObject({ code: "device-failed" });
  expect(broken.stderr).toBe("error: device-failed: The program failed: broken to the end\n");
});
