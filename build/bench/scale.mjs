import { spawn } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { checkout } from "../checkout.mjs";
import { watchPeakMemory } from "../peak-memory.mjs";
import { timeOpening } from "./opening.mjs";
import { readEvents } from "./pass.mjs";
import { shapes, writeSparseCheckpoint } from "./sparse-checkpoint.mjs";
import { formatTable } from "./table.mjs";

const openingRounds = 5;

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
    const opening = await timeOpening(
      { base: at("base"), chat: at("chat"), target: at("target") },
      folder,
      openingRounds,
    );
    for (const backend of backends) {
      const { rate, peak, firstRead } = await measureFor(seconds, backend, at, join(folder, "trace.json"));
      rows.push([
        size,
        `${made[0]?.tensors}`,
        `${opening.opening.toFixed(0)} ms`,
        `${opening.planning.toFixed(0)} ms`,
        `${opening.preflight.toFixed(0)} ms`,
        backend,
        `${firstRead.toFixed(1)} s`,
        `${(rate / 2 ** 30).toFixed(2)} GiB/s`,
        `${(peak.own / 2 ** 30).toFixed(2)} / ${(peak.resident / 2 ** 30).toFixed(2)} GiB`,
        `${(bytes / rate / 60).toFixed(0)} min`,
      ]);
    }
    await rm(join(folder, size), { recursive: true, force: true });
  }
  const heading = [
    "model",
    "tensors",
    "opening three",
    "planning",
    "preflight",
    "backend",
    "until the first read",
    "measuring",
    "peak memory, own / resident",
    "the whole at that rate",
  ];
  return formatTable(heading, rows);
}

/**
 * @param {number} seconds
 * @param {string} backend
 * @param {(role: string) => string} at
 * @param {string} tracePath
 * @returns {Promise<{ rate: number, peak: import("../peak-memory.mjs").Memory, firstRead: number }>} bytes per second; bytes; seconds from the
 * start of the program
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
  const peak = watch.stop();
  if (code !== 0 && code !== 130) throw new Error(`measuring ended with ${code}`);
  const ranSeconds = (Date.now() - startedAt) / 1000;
  const events = await readEvents(tracePath);
  // A thread of the CPU's reads what it measures.
  const reads = events.filter(({ ph, args }) => ph === "X" && args.bytes !== undefined);
  const bytes = reads.reduce((sum, { args: { bytes = 0 } }) => sum + bytes, 0);
  const passSeconds =
    (Math.max(...reads.map(({ ts, dur }) => ts + dur)) - Math.min(...reads.map(({ ts }) => ts))) / 1e6;
  return { rate: bytes / passSeconds, peak, firstRead: ranSeconds - passSeconds };
}
