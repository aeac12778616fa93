import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { runApplication } from "./application.mjs";
import { settle } from "./cold.mjs";
import { copyLimit } from "./copy-limit.mjs";
import { countDifferences, describeTriple, weightFiles } from "./models.mjs";
import { findPythonWith, howToGet, runContender } from "./python.mjs";
import { runRounds } from "./rounds.mjs";
import { formatMeasured } from "./table.mjs";

const scale = 0.7;

/**
 * A merge by the application on each backend, by scripts in PyTorch and NumPy, and the copying that nobody can do without.
 * @param {object} options
 * @param {import("./models.mjs").Triple} options.triple bf16
 * @param {string} options.folder for outputs; it lies on the disk that is measured
 * @param {number} options.rounds
 * @param {readonly string[]} options.backends
 * @param {boolean} options.scripts
 * @param {(() => Promise<void>) | null} options.cold drops the page cache
 * @returns {Promise<string>} a table
 */
export async function benchMerge({ triple, folder, rounds, backends, scripts, cold }) {
  const { inputs, inputBytes, outputBytes } = await describeTriple(triple);
  const outputs = new Outputs(folder);
  const contenders = [
    {
      name: "copy limit",
      run: () =>
        outputs.during("copy", async (path) => {
          await mkdir(path);
          return { seconds: await copyLimit(inputs, { path: join(path, "copy.bin"), byteLength: outputBytes }) };
        }),
    },
    ...backends.map((backend) => ({
      name: `application, ${backend}`,
      run: () => outputs.during(backend, (path) => mergeByApplication(triple, path, backend)),
    })),
    ...(scripts ? await scriptContenders(triple, outputs) : []),
  ];
  const before = cold ?? settle;
  const measured = await runRounds(contenders, { rounds, before });
  const table = formatMeasured(measured, { bytes: inputBytes, against: "of the copy limit" });
  const differences = scripts ? await outputs.differences() : "";
  await outputs.remove();
  return `${table}\n\nRates are of ${(inputBytes / 2 ** 30).toFixed(2)} GiB of input; ${(outputBytes / 2 ** 30).toFixed(2)} GiB are written.\n${differences}`;
}

/**
 * @param {import("./models.mjs").Triple} triple
 * @param {string} path
 * @param {string} backend
 */
async function mergeByApplication({ base, chat, target }, path, backend) {
  const models = ["--base", base, "--chat", chat, "--target", target];
  const args = ["merge", ...models, "--scale", String(scale), "--out", path, "--backend", backend];
  const { result, wallSeconds, peakBytes } = await runApplication(args);
  const peak = `${(peakBytes / 2 ** 30).toFixed(2)} GiB`;
  const note = `${result.adapter}; ${wallSeconds.toFixed(1)} s with start-up; peak memory ${peak}`;
  return { seconds: result.seconds, note };
}

/**
 * @param {import("./models.mjs").Triple} triple
 * @param {Outputs} outputs
 */
async function scriptContenders(triple, outputs) {
  const works = [
    { work: "merge-torch-bf16", name: "PyTorch, bf16", needs: "torch" },
    { work: "merge-torch-f32", name: "PyTorch, f32 sums", needs: "torch" },
    { work: "merge-numpy", name: "NumPy, f32 sums", needs: "numpy" },
  ];
  return Promise.all(
    works.map(async ({ work, name, needs }) => {
      const python = await findPythonWith(needs);
      if (python === null) return { name, missing: howToGet(needs), run: () => Promise.reject(new Error(needs)) };
      const run = () =>
        outputs.during(work, async (path) => {
          await mkdir(path);
          return { seconds: await runContender(python, work, triple, path, scale) };
        });
      return { name, run };
    }),
  );
}

/** The folders that contenders write: each a fresh one in each round, the last of which stay for comparison. */
class Outputs {
  /** @type {Map<string, string>} */
  #paths = new Map();
  /** @type {string} */
  #folder;

  /** @param {string} folder */
  constructor(folder) {
    this.#folder = folder;
  }

  /**
   * @template Result
   * @param {string} name
   * @param {(path: string) => Promise<Result>} work
   */
  async during(name, work) {
    const path = join(this.#folder, name);
    await rm(path, { recursive: true, force: true });
    this.#paths.set(name, path);
    return await work(path);
  }

  /** Who rounds once and who three times shows in the results. */
  async differences() {
    const exact = this.#paths.get("merge-torch-f32");
    if (exact === undefined) return "";
    const lines = [];
    for (const [name, path] of this.#paths) {
      if (name === "copy" || path === exact) continue;
      const share = await differingShare(path, exact);
      lines.push(`${name}: ${(100 * share).toFixed(2)} % of the elements differ from PyTorch's with f32 sums`);
    }
    return lines.join("\n");
  }

  async remove() {
    for (const path of this.#paths.values()) await rm(path, { recursive: true, force: true });
  }
}

/**
 * @param {string} folder
 * @param {string} other whose files have other names, but the same tensors in the same order
 */
async function differingShare(folder, other) {
  const [mine, others] = await Promise.all([weightFiles(folder), weightFiles(other)]);
  let count = 0;
  let bytes = 0;
  mine.forEach((file, index) => {
    const pair = others[index];
    if (pair === undefined) throw new Error(`${folder} and ${other} have different files`);
    count += countDifferences(file.path, pair.path, 2);
    bytes += file.byteLength;
  });
  return (2 * count) / bytes;
}
