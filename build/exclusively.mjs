import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkout } from "./checkout.mjs";
import { say } from "./messages.mjs";

const retryMilliseconds = 100;
const patienceMilliseconds = 2000;

/**
 * Runs `work` while no other process works on the same thing in this checkout: two commands started together
 * must not both install packages. The lock is a listening socket, so it ends with its owner, however that ends.
 * @template Result
 * @param {string} name of the thing
 * @param {() => Promise<Result>} work
 * @returns {Promise<Result>}
 */
export async function exclusively(name, work) {
  const address = socketAddress(name);
  const patienceEnd = Date.now() + patienceMilliseconds;
  let said = false;
  let lock = await listen(address);
  while (lock === null) {
    await new Promise((resolve) => setTimeout(resolve, retryMilliseconds));
    if (!said && Date.now() > patienceEnd) {
      say(`Waiting for another command to finish: ${name} …`);
      said = true;
    }
    lock = await listen(address);
  }
  try {
    return await work();
  } finally {
    lock.close();
  }
}

/** @param {string} name */
function socketAddress(name) {
  const id = createHash("sha256").update(`${checkout}\0${name}`).digest("hex").slice(0, 24);
  if (process.platform === "win32") return `\\\\.\\pipe\\chat-vector-studio-${id}`;
  // A Linux name that starts with NUL is no file and cannot be left behind.
  if (process.platform === "linux") return `\0chat-vector-studio-${id}`;
  return join(tmpdir(), `chat-vector-studio-${id}`);
}

/**
 * @param {string} address
 * @returns {Promise<import("node:net").Server | null>} null while another process listens there
 */
function listen(address) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (/** @type {NodeJS.ErrnoException} */ error) => {
      if (error.code !== "EADDRINUSE") reject(error);
      else if (process.platform === "darwin") removeIfAbandoned(address).then(() => resolve(null), reject);
      else resolve(null);
    });
    server.listen(address, () => resolve(server.unref()));
  });
}

/**
 * A socket file whose owner was killed refuses connections.
 * @param {string} address
 * @returns {Promise<void>}
 */
function removeIfAbandoned(address) {
  return new Promise((resolve) => {
    const socket = connect(address, () => socket.end(resolve));
    socket.once("error", () => {
      rmSync(address, { force: true });
      resolve();
    });
  });
}
