import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** @typedef {{ code: number, stdout: string, stderr: string }} Finished `code` is 127 when the command does not exist. */

/**
 * Runs a command to its end and returns what it said. A failure is a value.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import("node:child_process").SpawnOptions} [options]
 * @returns {Promise<Finished>}
 */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
    let stdout = "";
    let stderr = "";
    child.stdout?.setEncoding("utf8").on("data", (text) => {
      stdout += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text) => {
      stderr += text;
    });
    child.on("error", (error) => resolve({ code: 127, stdout, stderr: `${stderr}${error.message}` }));
    child.on("close", (code) => resolve({ code: code ?? 1, stdout, stderr }));
  });
}

/**
 * @param {string} command a program's name
 * @returns {string | null} its path, from PATH
 */
export function findProgram(command) {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(folder, command);
    if (folder !== "" && existsSync(path)) return path;
  }
  return null;
}

/**
 * A command line whose process ends when ours does, even if ours is killed outright: nothing is left running behind.
 * Linux only; elsewhere the command line as it is.
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {[string, string[]]}
 */
export function endingWithUs(command, args) {
  const setpriv = process.platform === "linux" ? findProgram("setpriv") : null;
  return setpriv === null ? [command, [...args]] : [setpriv, ["--pdeathsig", "TERM", command, ...args]];
}

/**
 * npm as a command line: the very one that runs us, where one does.
 * @param {readonly string[]} args
 * @returns {[string, string[], { shell: boolean }]}
 */
export function npmCommand(args) {
  const script = process.env.npm_execpath;
  if (script !== undefined && /npm-cli\.[cm]?js$/.test(script))
    return [process.execPath, [script, ...args], { shell: false }];
  return ["npm", [...args], { shell: process.platform === "win32" }];
}
