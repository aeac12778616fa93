import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { electronArguments } from "../build/electron-runtime.mjs";
import { sandboxSwitches } from "../build/sandbox.mjs";
import { Random } from "../src-core/random.ts";
import { electronUnderTest, launchStudio, runCli } from "./launch.ts";
import { answerOpenDialogs, answerSaveDialog } from "./support/dialogs.ts";
import { expect, test } from "./support/workspace.ts";

/** Kills of the whole program; CHAT_VECTOR_KILLS asks for more. */
const killCount = Number(process.env.CHAT_VECTOR_KILLS ?? 20);

test.skip(process.platform !== "linux", "processes are found through /proc");

interface Models {
  readonly base: string;
  readonly chat: string;
  readonly target: string;
}

/** Large enough for a middle to be killed in. */
async function largerSamples(folder: string): Promise<Models> {
  const { stdout } = await runCli(["samples", "--out", join(folder, "models"), "--parameters", "60M", "--json"]);
  return JSON.parse(stdout);
}

function mergeWords({ base, chat, target }: Models, out: string, backend: string): string[] {
  const models = ["--base", base, "--chat", chat, "--target", target, "--scale", "0.7"];
  return ["merge", ...models, "--out", out, "--backend", backend, "--json"];
}

/** A program of its own process group, so that all of it can be killed at once. */
function start(args: readonly string[]): { child: ChildProcess; ended: Promise<string> } {
  const executablePath = electronUnderTest();
  const switches = [...sandboxSwitches(executablePath), "--log-level=3"];
  const child = spawn(executablePath, electronArguments(executablePath, { mode: "command", args, switches }), {
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
  });
  let stdout = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  return { child, ended: new Promise((resolve) => child.on("close", () => resolve(stdout))) };
}

/** One that has come to its end by itself is no failure. */
function killNow(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

const hashOf = async (path: string) =>
  createHash("sha256")
    .update(await readFile(path))
    .digest("hex");

test(`an application killed ${killCount} times at any moment goes on to the same bytes`, async ({ folder }) => {
  test.setTimeout(60_000 + killCount * 60_000);
  const models = await largerSamples(folder);
  const sources = Object.values(models).map((path) => join(path, "model.safetensors"));
  const before = await Promise.all(sources.map(hashOf));
  const whole = await runCli(mergeWords(models, join(folder, "whole"), "cpu"));
  const { files, seconds } = JSON.parse(whole.stdout);
  const out = join(folder, "out");
  const random = new Random(11);
  let killedInTheMiddle = 0;
  for (let kill = 0; kill < killCount; kill++) {
    const { child, ended } = start([...mergeWords(models, out, "cpu"), "--resume"]);
    await expect
      .poll(() => existsSync(`${out}.partial`) || existsSync(out), { intervals: [2], timeout: 60_000 })
      .toBe(true);
    await wait(random.integer(1000 * seconds));
    // Main alone on the one hand, and everything at once on the other.
    killNow(kill % 2 === 0 ? (child.pid ?? 0) : -(child.pid ?? 0));
    await ended;
    if (existsSync(out)) {
      // It was finished: then it is whole.
      for (const { name, sha256 } of files) expect(await hashOf(join(out, name)), `kill ${kill}`).toBe(sha256);
      await rm(out, { recursive: true });
      await rm(`${out}.partial`, { recursive: true, force: true });
    } else killedInTheMiddle++;
  }
  expect(killedInTheMiddle).toBeGreaterThan(killCount / 4);
  const last = await runCli([...mergeWords(models, out, "cpu"), "--resume"]);
  expect(last.code).toBe(0);
  expect(JSON.parse(last.stdout).files).toEqual(files);
  for (const { name, sha256 } of files) expect(await hashOf(join(out, name))).toBe(sha256);
  expect((await readdir(folder)).sort()).toEqual(["models", "out", "whole"]);
  expect(await Promise.all(sources.map(hashOf))).toEqual(before);
});

/** Our own descendants of a kind, found by their parents. */
async function descendants(pid: number, type: string): Promise<number[]> {
  const found: number[] = [];
  for (const entry of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const stat = await readFile(`/proc/${entry}/stat`, "utf8").catch(() => "");
    const parent = Number(/\) \S (\d+)/.exec(stat)?.[1]);
    if (parent !== pid) continue;
    const line = await readFile(`/proc/${entry}/cmdline`, "utf8").catch(() => "");
    if (line.includes(`--type=${type}`)) found.push(Number(entry));
    found.push(...(await descendants(Number(entry), type)));
  }
  return found;
}

for (const [what, type, backend] of [
  ["engine", "renderer", "cpu"],
  ["GPU process", "gpu-process", "gpu"],
] as const) {
  test(`an export whose ${what} is killed goes on by itself`, async ({ folder }) => {
    test.setTimeout(300_000);
    const models = await largerSamples(folder);
    const out = join(folder, "out");
    const { child, ended } = start(mergeWords(models, out, backend));
    const journal = join(`${out}.partial`, "journal");
    const written = async () => (await readFile(journal).catch(() => Buffer.alloc(0))).byteLength;
    await expect.poll(written, { intervals: [2], timeout: 60_000 }).toBeGreaterThan(0);
    for (const pid of await descendants(child.pid ?? 0, type)) killNow(pid);
    const result = JSON.parse(await ended);
    expect(result.error).toBeUndefined();
    expect(result).toMatchObject({ backend, verified: { mismatches: 0 } });
    const again = await runCli(mergeWords(models, join(folder, "again"), backend));
    expect(JSON.parse(again.stdout).files).toEqual(result.files);
  });
}

test("in the window an export is paused, its engine killed, the program stopped, and all of it gone on with", async ({
  folder,
}) => {
  test.setTimeout(300_000);
  const models = await largerSamples(folder);
  const out = join(folder, "out");
  const prepare = async () => {
    const studio = await launchStudio();
    const { app, ui } = studio;
    await answerOpenDialogs(app, [models.target, models.chat, models.base]);
    for (const role of ["Target", "Chat", "Base"]) {
      const card = ui.getByRole("region", { name: `${role} model` });
      await card.getByRole("button", { name: "Choose folder…" }).click();
      await expect(card).toHaveAttribute("data-state", "loaded");
    }
    await answerSaveDialog(app, out);
    await ui.getByRole("button", { name: "Change output folder…" }).click();
    return studio;
  };
  const first = await prepare();
  const bar = first.ui.getByRole("region", { name: "Export" });
  // Computing that waits, so that there is time for all of this.
  await first.engine.evaluate(() => {
    const { postMessage } = Worker.prototype;
    Worker.prototype.postMessage = function (this: Worker, message: unknown) {
      setTimeout(() => postMessage.call(this, message), 150);
    };
  });
  await first.ui.getByRole("button", { name: /^Export/ }).click();
  await bar.getByRole("button", { name: "Pause" }).click();
  await expect(bar).toContainText("Paused");
  await first.ui.screenshot({ path: test.info().outputPath("paused.png") });
  await first.app.evaluate(({ BrowserWindow }) => {
    const engine = BrowserWindow.getAllWindows().find(({ webContents }) => webContents.getURL().includes("engine"));
    engine?.webContents.forcefullyCrashRenderer();
  });
  first.app.process().kill("SIGKILL");
  await first.close();

  const second = await prepare();
  try {
    await expect(second.ui.getByText(/Go on with the unfinished export/)).toBeVisible();
    await second.ui.screenshot({ path: test.info().outputPath("unfinished.png") });
    await second.ui.getByRole("button", { name: "Resume export" }).click();
    const region = second.ui.getByRole("region", { name: "Export" });
    await expect(region).toContainText("Written and verified", { timeout: 120_000 });
    const again = await runCli([...mergeWords(models, join(folder, "again"), "auto"), "--scale", "1"]);
    for (const { name, sha256 } of JSON.parse(again.stdout).files) expect(await hashOf(join(out, name))).toBe(sha256);
  } finally {
    await second.close();
  }
});
