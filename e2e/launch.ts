import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { _electron, type ElectronApplication, type Page } from "@playwright/test";
import { electronArguments } from "../build/electron-runtime.mjs";
import { sandboxSwitches } from "../build/sandbox.mjs";

const startMilliseconds = 60_000;

export interface StudioOptions {
  readonly args?: readonly string[];
  /** Chromium's. */
  readonly switches?: readonly string[];
  /** Joined with this process's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** The tour comes by itself, as it does the first time that somebody uses the program. */
  readonly tour?: boolean;
  /** A folder that outlives the application, for what it keeps from one start to the next; else it has one of its own. */
  readonly profile?: string;
}

export interface Studio {
  readonly app: ElectronApplication;
  readonly ui: Page;
  readonly engine: Page;
  /** Ends the application and removes its profile. */
  close(): Promise<void>;
}

/** Starts the application with a profile of its own and waits for its two windows. They come in any order. */
export async function launchStudio({
  args = [],
  switches = [],
  env = {},
  profile: given,
  tour = false,
}: StudioOptions = {}): Promise<Studio> {
  const executablePath = electronUnderTest();
  const profile = given ?? (await mkdtemp(join(tmpdir(), "chat-vector-profile-")));
  await mkdir(profile, { recursive: true });
  if (!tour) await writeFile(join(profile, "tour.json"), '{"version": 1, "shown": true}\n');
  const allSwitches = [...sandboxSwitches(executablePath), `--user-data-dir=${profile}`, ...switches];
  const app = await _electron.launch({
    executablePath,
    args: electronArguments(executablePath, { mode: "window", args, switches: allSwitches }),
    // electron/start/test-gate.ts: no window before we have attached.
    // A home of its own as well, which tests may write to.
    env: { ...ownEnvironment(), HOME: profile, CHAT_VECTOR_TEST_GATE: "closed", ...env },
    timeout: startMilliseconds,
  });
  const close = async () => {
    try {
      await agreeToClosing(app);
      await app.close();
    } finally {
      if (given === undefined) await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    }
  };
  try {
    const [ui, engine] = await Promise.all([windowAt(app, "studio://app/"), windowAt(app, "studio://engine/")]);
    return { app, ui, engine, close };
  } catch (error) {
    await close();
    throw error;
  }
}

export interface CommandOptions {
  /** Chromium's. */
  readonly switches?: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Aborting interrupts the command as Ctrl-C does. */
  readonly interrupt?: AbortSignal;
}

export interface CommandResult {
  /** null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command of the same program without its window: `runCli(["inspect", path, "--json"])`. */
export async function runCli(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const executablePath = electronUnderTest();
  const switches = [...sandboxSwitches(executablePath), "--log-level=3", ...(options.switches ?? [])];
  return await new Promise((resolve, reject) => {
    const child = spawn(executablePath, electronArguments(executablePath, { mode: "command", args, switches }), {
      cwd: options.cwd,
      env: { ...ownEnvironment(), ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    options.interrupt?.addEventListener("abort", () => child.kill("SIGINT"), { once: true });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** The Electron that is tested: set by `npm test` and `npm run e2e`. */
export function electronUnderTest(): string {
  const executablePath = process.env.CHAT_VECTOR_ELECTRON;
  if (executablePath === undefined) throw new Error("CHAT_VECTOR_ELECTRON is not set: run `npm run e2e` or `npm test`");
  return executablePath;
}

/** What a test leaves unsaved or running is let go. An application that is gone already is asked nothing. */
async function agreeToClosing(app: ElectronApplication): Promise<void> {
  const agree = app.evaluate(({ dialog }) => {
    dialog.showMessageBox = async () => ({ response: 1, checkboxChecked: false });
  });
  await agree.catch(() => undefined);
}

/** The window whose address starts so, once it is there. A window may get its address after it has appeared. */
async function windowAt(app: ElectronApplication, address: string): Promise<Page> {
  const deadline = Date.now() + startMilliseconds;
  for (;;) {
    const page = app.windows().find((window) => window.url().startsWith(address));
    if (page !== undefined) return page;
    if (Date.now() > deadline) {
      const found = app.windows().map((window) => window.url());
      throw new Error(`no window at ${address} after ${startMilliseconds / 1000} s; there are: ${found.join(", ")}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Of two workers each has a display of its own (build/test-runners.mjs). */
function ownEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const { CHAT_VECTOR_SECOND_DISPLAY, CHAT_VECTOR_SECOND_XAUTHORITY, TEST_PARALLEL_INDEX } = process.env;
  const isSecond = CHAT_VECTOR_SECOND_DISPLAY !== undefined && TEST_PARALLEL_INDEX === "1";
  const second = { DISPLAY: CHAT_VECTOR_SECOND_DISPLAY ?? "", XAUTHORITY: CHAT_VECTOR_SECOND_XAUTHORITY ?? "" };
  return { ...Object.fromEntries(entries), ...(isSecond ? second : {}) };
}
