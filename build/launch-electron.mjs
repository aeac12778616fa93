import { spawn } from "node:child_process";
import { constants } from "node:os";
import { endingWithUs } from "./child-process.mjs";
import { openDisplay } from "./display.mjs";
import { electronArguments } from "./electron-runtime.mjs";
import { BootstrapError, say } from "./messages.mjs";
import { sandboxSwitches } from "./sandbox.mjs";

const passedOn = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);

/** Ctrl-C reaches us from the terminal and once more from npm: one signal, sent once. */
const repeatMilliseconds = 500;

/**
 * Runs the application to its end. Signals that reach us reach it, once each.
 * @param {import("./electron-runtime.mjs").ElectronRuntime} runtime
 * @param {import("./electron-runtime.mjs").Launch} launch
 * @param {object} options
 * @param {string} options.cwd
 * @param {Record<string, string>} [options.env]
 * @param {(stderr: NodeJS.ReadableStream) => void} [options.stderrFilter] is handed Electron's stderr, which else is ours
 * @returns {Promise<number>} its exit code; 128 + the signal's number when a signal ended it
 */
export async function launchElectron({ executablePath, warning }, launch, { cwd, env = {}, stderrFilter }) {
  const display = await openDisplay();
  if (launch.mode === "window" && display.env.DISPLAY !== undefined) {
    say("There is no display here: the window opens on a virtual one, where nobody sees it.");
  }
  try {
    const switches = [...sandboxSwitches(executablePath), ...(launch.switches ?? [])];
    const [command, args] = endingWithUs(executablePath, electronArguments(executablePath, { ...launch, switches }));
    const child = spawn(command, args, {
      cwd,
      stdio: ["inherit", "inherit", stderrFilter === undefined ? "inherit" : "pipe"],
      // Its own process group: the terminal's signals come to us alone, and its helper processes are not hit one by one.
      detached: process.platform !== "win32",
      env: { ...process.env, ...display.env, ...env, ...warningEnvironment({ warning }) },
    });
    if (child.stderr !== null) stderrFilter?.(child.stderr);
    return await ended(child);
  } finally {
    display.stop();
  }
}

/** @param {{ warning: string | null }} runtime */
export function warningEnvironment({ warning }) {
  return warning === null ? {} : { CHAT_VECTOR_RUNTIME_WARNING: warning };
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @returns {Promise<number>}
 */
function ended(child) {
  return new Promise((resolve, reject) => {
    /** @type {Map<NodeJS.Signals, number>} */
    const sentAt = new Map();
    const passOn = (/** @type {NodeJS.Signals} */ signal) => {
      if (Date.now() - (sentAt.get(signal) ?? 0) < repeatMilliseconds) return;
      sentAt.set(signal, Date.now());
      child.kill(signal);
    };
    for (const signal of passedOn) process.on(signal, passOn);
    const watch = whenNpmIsGone(() => {
      if (sentAt.size === 0) passOn("SIGTERM");
    });
    child.on("error", (error) => reject(new BootstrapError(`Electron cannot be started: ${error.message}`)));
    child.on("close", (code, signal) => {
      clearInterval(watch);
      for (const name of passedOn) process.off(name, passOn);
      const [interruption] = sentAt.keys();
      // Until its own handlers stand, Electron takes a signal for a wish to quit, and calls that a success.
      const endedBy = signal ?? (code === 0 ? interruption : undefined);
      resolve(endedBy === undefined ? (code ?? 1) : 128 + (constants.signals[endedBy] ?? 0));
    });
  });
}

/**
 * npm runs a script through a shell, which dies of a signal to npm without passing it on: all we notice is another parent.
 * @param {() => void} then
 */
function whenNpmIsGone(then) {
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event === undefined) return undefined;
  return setInterval(() => {
    if (process.ppid !== parent) then();
  }, 200).unref();
}
