import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { endingWithUs } from "./child-process.mjs";
import { BootstrapError } from "./messages.mjs";
import { hasDisplay } from "./system-libraries.mjs";
import { temporaryFolder } from "./temporary-folder.mjs";

/**
 * @typedef {object} Display
 * @property {Record<string, string>} env what a program needs to find it
 * @property {() => void} stop
 */

const startSeconds = 30;

/**
 * The person's display where there is one; else one in memory, for us alone: Electron has no windowless mode.
 * @returns {Promise<Display>}
 */
export async function openDisplay() {
  if (process.platform !== "linux" || hasDisplay()) return { env: {}, stop: () => {} };
  const folder = temporaryFolder("display");
  const authority = join(folder.path, "authority");
  writeFileSync(authority, authorityFile(randomBytes(16)), { mode: 0o600 });
  const [command, args] = endingWithUs("Xvfb", [
    ...["-displayfd", "3", "-auth", authority],
    ...["-screen", "0", "1920x1200x24", "-nolisten", "tcp", "-noreset"],
  ]);
  // Its own process group: Ctrl-C must not take the display from under an application that is still tidying up.
  const server = spawn(command, args, { stdio: ["ignore", "ignore", "pipe", "pipe"], detached: true });
  const stop = () => {
    server.kill("SIGTERM");
    folder.remove();
  };
  process.once("exit", stop);
  try {
    return { env: { DISPLAY: `:${await displayNumber(server)}`, XAUTHORITY: authority }, stop };
  } catch (error) {
    stop();
    throw error;
  }
}

/**
 * @param {import("node:child_process").ChildProcess} server that writes the number of the display it found free to its descriptor 3
 * @returns {Promise<string>}
 */
function displayNumber(server) {
  return new Promise((resolve, reject) => {
    let said = "";
    const fail = (/** @type {string} */ why) => reject(new BootstrapError(`Xvfb did not start: ${why} ${said.trim()}`));
    const timer = setTimeout(() => fail(`no display after ${startSeconds} s`), startSeconds * 1000);
    server.stderr?.setEncoding("utf8").on("data", (text) => {
      said += text;
    });
    const numbers = /** @type {import("node:stream").Readable} */ (server.stdio[3]);
    let number = "";
    numbers.setEncoding("utf8").on("data", (text) => {
      number += text;
      if (number.endsWith("\n")) settle(() => resolve(number.trim()));
    });
    server.on("error", (error) => settle(() => fail(error.message)));
    server.on("exit", (code) => settle(() => fail(`it ended with exit code ${code}.`)));
    const settle = (/** @type {() => void} */ then) => {
      clearTimeout(timer);
      // The server outlives this wait, but must not keep our process alive.
      server.unref();
      numbers.destroy();
      server.stderr?.destroy();
      then();
    };
  });
}

/**
 * An X authority file with one cookie for every display number, so that other users of the machine stay out.
 * Format: Xau.h; big-endian lengths before address, number, name and data.
 * @param {Buffer} cookie
 */
function authorityFile(cookie) {
  const anyAddress = Buffer.from([0xff, 0xff]);
  const fields = [Buffer.alloc(0), Buffer.alloc(0), Buffer.from("MIT-MAGIC-COOKIE-1"), cookie];
  return Buffer.concat([
    anyAddress,
    ...fields.flatMap((field) => [Buffer.from([field.length >> 8, field.length & 0xff]), field]),
  ]);
}
