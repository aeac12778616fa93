import { spawn } from "node:child_process";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { checkout } from "../checkout.mjs";
import { watchPeakMemory } from "../peak-memory.mjs";
import { shapes, writeSparseCheckpoint } from "./sparse-checkpoint.mjs";
import { formatTable } from "./table.mjs";

/**
 * Models of 70B parameters and more, as files with holes: what opening, planning and the first minute of measuring cost, and how long the whole
 * would take at that rate. Holes read as zeros from memory: the rate is that of a disk that never makes anyone wait.
 * @param {object} options
 * @param {string} options.folder on a file system that knows sparse files
 * @param {readonly string[]} options.sizes
 * @param {number} options.seconds to measure for
 * @param {readonly string[]} options.backends
 * @returns {Promise<string>} a table
 */
export async function benchScale({ folder, sizes, seconds, backends }) {
  const rows = [];
  for (const size of sizes) {
    const shape = shapes[size];
    if (shape === undefined) throw new Error(`no shape for ${size}`);
    const at = (/** @type {string} */ role) => join(folder, size, role);
    await mkdir(join(folder, size), { recursive: true });
    const made = ["base", "chat", "target"].map((role) => writeSparseCheckpoint(at(role), shape));
    const bytes = made.reduce((sum, model) => sum + model.bytes, 0);
    for (const backend of backends) {
      const { rate, peakBytes, firstRead } = await measureFor(seconds, backend, at, join(folder, "trace.json"));
      rows.push([
        size,
        `${made[0]?.tensors}`,
        backend,
        `${firstRead.toFixed(1)} s`,
        `${(rate / 2 ** 30).toFixed(2)} GiB/s`,
        `${(peakBytes / 2 ** 30).toFixed(2)} GiB`,
        `${(bytes / rate / 60).toFixed(0)} min`,
      ]);
    }
    await rm(join(folder, size), { recursive: true, force: true });
  }
  const heading = [
    "model",
    "tensors",
    "backend",
    "until the first read",
    "measuring",
    "peak memory",
    "the whole at that rate",
  ];
  return formatTable(heading, rows);
}

/**
 * @param {number} seconds
 * @param {string} backend
 * @param {(role: string) => string} at
 * @param {string} tracePath
 * @returns {Promise<{ rate: number, peakBytes: number, firstRead: number }>} bytes per second; bytes; seconds from the start of the program
 */
async function measureFor(seconds, backend, at, tracePath) {
  await rm(tracePath, { force: true });
  const models = ["--base", at("base"), "--chat", at("chat"), "--target", at("target")];
  const args = ["measure", ...models, "--backend", backend, "--trace", tracePath, "--json"];
  const startedAt = Date.now();
  const child = spawn(process.execPath, [join(checkout, "build", "cli.mjs"), ...args], { stdio: "ignore" });
  const watch = watchPeakMemory(child.pid ?? 0);
  const ended = new Promise((resolve) => child.on("close", resolve));
  const timer = setTimeout(() => child.kill("SIGINT"), seconds * 1000);
  const code = await ended;
  clearTimeout(timer);
  const peakBytes = watch.stop().own;
  if (code !== 0 && code !== 130) throw new Error(`measuring ended with ${code}`);
  const ranSeconds = (Date.now() - startedAt) / 1000;
  const text = (await readFile(tracePath, "utf8")).trimEnd().replace(/,$/, "");
  /** @type {{ ph: string, name: string, ts: number, dur: number, args: { bytes?: number } }[]} */
  const events = JSON.parse(`${text}]`);
  const reads = events.filter(({ ph, name }) => ph === "X" && name === "read");
  const bytes = reads.reduce((sum, { args: { bytes = 0 } }) => sum + bytes, 0);
  const last = Math.max(...reads.map(({ ts, dur }) => ts + dur)) / 1e6;
  return { rate: bytes / last, peakBytes, firstRead: ranSeconds - last };
}
