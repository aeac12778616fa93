import { rm, statfs } from "node:fs/promises";
import { totalmem } from "node:os";
import { join } from "node:path";
import { BootstrapError, say } from "../messages.mjs";
import { runApplication } from "./application.mjs";
import { settle } from "./cold.mjs";
import { describeTriple } from "./models.mjs";
import { runTraced } from "./pass.mjs";
import { median } from "./rounds.mjs";
import { formatTable } from "./table.mjs";

/** Free beside the samples and the output. */
const marginBytes = 2e9;

/**
 * Whether cost grows as the models do: the time of a pass for each byte that it reads, for triples of several sizes, in the same rounds.
 * @param {object} options
 * @param {readonly string[]} options.sizes as in "1.1B"; samples are made, and removed at the end
 * @param {string} options.folder
 * @param {number} options.rounds
 * @param {string} options.backend
 * @param {(() => Promise<void>) | null} options.cold drops the page cache
 * @returns {Promise<string>} tables, and what the sizes differ by
 */
export async function benchLinearity({ sizes, folder, rounds, backend, cold }) {
  await requireSpace(sizes, folder);
  /** @type {{ size: string, triple: import("./models.mjs").Triple, inputBytes: number, whole: Times, pass: Times }[]} */
  const triples = [];
  for (const size of sizes) {
    say(`Making samples of ${size} parameters …`);
    const { result } = await runApplication(["samples", "--out", join(folder, size), "--parameters", size]);
    const { inputBytes } = await describeTriple(result);
    triples.push({
      size,
      triple: result,
      inputBytes,
      whole: /** @type {Times} */ ({}),
      pass: /** @type {Times} */ ({}),
    });
  }
  const warnings = triples.filter(({ inputBytes }) => cold === null && inputBytes * 1.5 > totalmem());
  for (let round = 0; round < rounds; round++) {
    for (const { size, triple, whole, pass } of triples) {
      const models = ["--base", triple.base, "--chat", triple.chat, "--target", triple.target, "--backend", backend];
      const out = join(folder, "merged");
      for (const command of ["measure", "merge"]) {
        await (cold ?? settle)();
        const words = command === "merge" ? [...models, "--scale", "0.7", "--out", out] : models;
        const { result, passSeconds } = await runTraced([command, ...words], folder);
        whole[command] = [...(whole[command] ?? []), result.seconds];
        pass[command] = [...(pass[command] ?? []), passSeconds];
        await rm(out, { recursive: true, force: true });
        say(`round ${round + 1} of ${rounds}: ${command} of ${size} ${passSeconds.toFixed(2)} s`);
      }
    }
  }
  const told = ["measure", "merge"].map((command) => tableOf(command, triples));
  return [
    ...told,
    ...warnings.map(({ size }) => `${size}: larger than what memory keeps of files, so not from there.`),
  ].join("\n\n");
}

/** @typedef {Record<string, number[]>} Times seconds of each round, by command */

/**
 * @param {string} command
 * @param {readonly { size: string, inputBytes: number, whole: Times, pass: Times }[]} triples
 */
function tableOf(command, triples) {
  const costs = triples.map(({ inputBytes, pass }) => median(pass[command] ?? []) / inputBytes);
  const rows = triples.map(({ size, inputBytes, whole, pass }, index) => {
    const seconds = pass[command] ?? [];
    return [
      `${command}, ${size}`,
      `${(inputBytes / 2 ** 30).toFixed(2)} GiB`,
      `${median(whole[command] ?? []).toFixed(2)} s`,
      `${median(seconds).toFixed(2)} s`,
      `${Math.min(...seconds).toFixed(2)}–${Math.max(...seconds).toFixed(2)}`,
      `${((costs[index] ?? 0) * 1e12).toFixed(0)} ps`,
    ];
  });
  const heading = ["", "input", "whole command", "the pass", "spread", "for each byte of input"];
  const difference = 100 * (Math.max(...costs) / Math.min(...costs) - 1);
  return `${formatTable(heading, rows)}\n\nThe sizes differ by ${difference.toFixed(0)} % in the time for each byte. ${describeLine(command, triples)}`;
}

/**
 * What the smallest and the largest say that a pass costs by itself and by the byte, and how well that tells what those between took.
 * @param {string} command
 * @param {readonly { inputBytes: number, pass: Times }[]} triples
 */
function describeLine(command, triples) {
  const points = triples
    .map(({ inputBytes, pass }) => ({ bytes: inputBytes, seconds: median(pass[command] ?? []) }))
    .sort((a, b) => a.bytes - b.bytes);
  const [first, ...others] = points;
  const last = others.at(-1);
  if (first === undefined || last === undefined) return "";
  const slope = (last.seconds - first.seconds) / (last.bytes - first.bytes);
  const fixed = first.seconds - slope * first.bytes;
  const errors = points.map(({ bytes, seconds }) => Math.abs(seconds / (fixed + slope * bytes) - 1));
  const line = `${fixed.toFixed(2)} s and ${(slope * 1e12).toFixed(0)} ps for each byte`;
  return `The smallest and the largest lie on ${line}; those between are within ${(100 * Math.max(...errors)).toFixed(0)} % of that.`;
}

/**
 * @param {readonly string[]} sizes
 * @param {string} folder
 */
async function requireSpace(sizes, folder) {
  const parameters = sizes.map(parametersOf);
  // Three models of two bytes, and one output at a time.
  const needed = parameters.reduce((sum, count) => sum + 6 * count, 0) + 2 * Math.max(...parameters) + marginBytes;
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= needed) return;
  const gigabytes = (/** @type {number} */ bytes) => `${(bytes / 1e9).toFixed(0)} GB`;
  throw new BootstrapError(`${folder} has ${gigabytes(bavail * bsize)} free; these sizes take ${gigabytes(needed)}`);
}

/** @param {string} size */
function parametersOf(size) {
  const [, number, unit] = /^([\d.]+)([MB])$/.exec(size) ?? [];
  if (number === undefined) throw new BootstrapError(`${size}: a number of parameters is written as in 300M or 1.1B`);
  return Number(number) * (unit === "M" ? 1e6 : 1e9);
}
