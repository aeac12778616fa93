import { closeSync, openSync, readSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/**
 * @typedef {object} Triple folders
 * @property {string} base
 * @property {string} chat
 * @property {string} target
 */

/** @param {string} folder */
export async function weightFiles(folder) {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".safetensors")).sort();
  return Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      return { path, byteLength: (await stat(path)).size };
    }),
  );
}

/**
 * @param {Triple} triple
 * @returns {Promise<{ inputs: { path: string, byteLength: number }[][], inputBytes: number, outputBytes: number }>} by model: base, chat, target
 */
export async function describeTriple({ base, chat, target }) {
  const inputs = await Promise.all([base, chat, target].map(weightFiles));
  const sums = inputs.map((files) => files.reduce((sum, { byteLength }) => sum + byteLength, 0));
  return { inputs, inputBytes: sums.reduce((sum, bytes) => sum + bytes, 0), outputBytes: sums[2] ?? 0 };
}

const chunkBytes = 4 * 1024 * 1024;

/**
 * Where the data of two files with headers of the same length differ.
 * @param {string} path
 * @param {string} other
 * @param {number} elementBytes
 * @returns {number} how many elements
 */
export function countDifferences(path, other, elementBytes) {
  const files = [path, other].map((name) => openSync(name, "r"));
  const buffers = files.map(() => Buffer.alloc(chunkBytes));
  let count = 0;
  try {
    const starts = files.map((file, index) => {
      readSync(file, /** @type {Buffer} */ (buffers[index]), 0, 8, 0);
      return 8 + Number(buffers[index]?.readBigUInt64LE(0));
    });
    for (let at = 0; ; at += chunkBytes) {
      const [mine = 0, others = 0] = files.map((file, index) =>
        readSync(file, /** @type {Buffer} */ (buffers[index]), 0, chunkBytes, (starts[index] ?? 0) + at),
      );
      if (mine !== others) throw new Error(`${path} and ${other} are not of one size`);
      if (mine === 0) return count;
      count += differingElements(buffers, mine, elementBytes);
    }
  } finally {
    for (const file of files) closeSync(file);
  }
}

/**
 * @param {readonly Buffer[]} buffers
 * @param {number} byteLength
 * @param {number} elementBytes
 */
function differingElements([a, b], byteLength, elementBytes) {
  if (a === undefined || b === undefined || a.compare(b, 0, byteLength, 0, byteLength) === 0) return 0;
  let count = 0;
  for (let at = 0; at < byteLength; at += elementBytes) {
    for (let byte = at; byte < at + elementBytes; byte++) {
      if (a[byte] === b[byte]) continue;
      count++;
      break;
    }
  }
  return count;
}
