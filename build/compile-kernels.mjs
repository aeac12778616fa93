import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "./checkout.mjs";
import { kernelCache } from "./kernel-cache.mjs";

/** Where the kernels of the CPU backend are written in AssemblyScript; its compiler is also what checks their types. */
export const kernelFolder = "src-core/cpu/kernels";

const options = [
  ...["-O3", "--noAssert"],
  // Nothing is ever allocated: no collector, no aborts, no data of the module's own in the memory that threads share.
  ...["--runtime", "stub", "--use", "abort="],
  ...["--importMemory", "--noExportMemory", "--sharedMemory", "--maximumMemory", "65536"],
  ...["--enable", "simd", "--enable", "threads"],
  // "Exchange of v128 values": that is between the kernels' own files.
  ...["--disableWarning", "112"],
];

/**
 * The kernels as one WebAssembly module, which imports its memory. Compiled once for the same sources: it takes seconds, and every bundle of
 * the engine and many tests ask for it.
 * @param {object} [options]
 * @param {boolean} [options.relaxed] for processors and engines with relaxed SIMD: measuring multiplies and adds in one step. Merging is the same.
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function compileKernels({ relaxed = false } = {}) {
  const words = [`${kernelFolder}/index.ts`, "--outFile", "kernels.wasm", ...options];
  if (relaxed) words.push("--enable", "relaxed-simd");
  const cache = kernelCache(kernelFolder, words);
  const known = cache.read();
  if (known !== null) return known;
  const module = await compile([...words, "--baseDir", checkout]);
  cache.write(module);
  return module;
}

/**
 * @param {readonly string[]} words
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function compile(words) {
  // Loaded here: it is as large as all else together.
  const { default: asc } = await import("assemblyscript/asc");
  /** @type {Uint8Array<ArrayBuffer> | null} */
  let module = null;
  const { error, stderr } = await asc.main([...words], {
    readFile: (name, baseDir) => readText(join(baseDir, name)),
    writeFile: (_name, contents) => {
      if (typeof contents !== "string") module = new Uint8Array(contents);
    },
    listFiles: () => [],
  });
  const said = stderr.toString().trim();
  if (error !== null || said !== "" || module === null) throw new Error(`${kernelFolder} does not compile\n${said}`);
  return module;
}

/** @param {string} path */
function readText(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // The compiler tries several names.
    return null;
  }
}
