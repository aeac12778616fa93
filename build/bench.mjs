#!/usr/bin/env node
/**
 * `npm run bench -- [merge|measure|kernels|scale|linearity] …`: how long the application takes, beside scripts that do the same and the least that the machine allows,
 * all in the same rounds. Prints a table.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { runApplication } from "./bench/application.mjs";
import { dropPageCache } from "./bench/cold.mjs";
import { benchKernels } from "./bench/kernels.mjs";
import { benchLinearity } from "./bench/linearity.mjs";
import { describeMachine, whyNotCold } from "./bench/machine.mjs";
import { benchMeasure } from "./bench/measure.mjs";
import { benchMerge } from "./bench/merge.mjs";
import { benchScale } from "./bench/scale.mjs";
import { shapes } from "./bench/sparse-checkpoint.mjs";
import { bootstrapApplication } from "./bootstrap.mjs";
import { softwareVulkanDriver } from "./electron-runtime.mjs";
import { BootstrapError, runMain, say } from "./messages.mjs";

const usage = `usage: npm run bench -- [merge] [measure] [kernels] [scale] [linearity] [options]

  --rounds N          of each contender (5)
  --models DIR        a folder with base, chat and target in bf16, as \`samples\` makes it; else samples are made
  --parameters N      of the samples (1.1B: 6.6 GB); for the linearity it is given several times (0.1B, 1.1B and 4B: 31 GB, and 8 for an output)
  --folder DIR        on the disk to measure, for samples and outputs (the system's temporary folder)
  --backend B         cpu or gpu; may be given twice (both)
  --cold              drops the page cache before each run (Linux, root)
  --no-scripts        without PyTorch and NumPy
  --size S            for the scale: 70B, 405B or 1T, as files with holes; may be given again (all)
  --seconds N         for the scale: to measure for (60)
  --elements N        for the kernels: of each model (16777216)
  --repeats N         for the kernels: runs in one timing (1; 50 on a GPU)`;

/** All that run where none is named. */
const quickBenchmarks = ["merge", "measure", "kernels", "scale"];
/** Linearity takes 39 GB of disk. */
const benchmarks = [...quickBenchmarks, "linearity"];

await runMain(async () => {
  const { values, positionals } = readArguments();
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const runtime = await bootstrapApplication();
  const folder = await mkdtemp(join(resolve(values.folder ?? tmpdir()), "chat-vector-bench-"));
  try {
    console.log(`${await describeMachine(folder)}\n`);
    const rounds = Number(values.rounds);
    if (positionals.includes("kernels")) {
      const vulkanDriver = softwareVulkanDriver(runtime.executablePath);
      const [elementCount, repeats] = [Number(values.elements), Number(values.repeats)];
      console.log(`Kernels on\n${await benchKernels({ rounds, elementCount, repeats, vulkanDriver })}\n`);
    }
    if (positionals.includes("scale")) {
      const [sizes, backends] = [values.size ?? Object.keys(shapes), values.backend ?? ["cpu"]];
      const table = await benchScale({ folder, sizes, backends, seconds: Number(values.seconds) });
      console.log(`Scale:\n\n${table}\n`);
    }
    if (positionals.includes("linearity")) {
      const sizes = values.parameters ?? ["100M", "1.1B", "4B"];
      const [backend = "cpu"] = values.backend ?? [];
      const cold = values.cold ? dropPageCache : null;
      const tables = await benchLinearity({ sizes, folder, rounds, backend, cold });
      console.log(`Linearity, ${values.cold ? "cold" : "from a warm page cache"}:\n\n${tables}\n`);
    }
    if (positionals.some((name) => name === "merge" || name === "measure"))
      await benchFiles(folder, rounds, values, positionals);
    return 0;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

/**
 * @param {string} folder
 * @param {number} rounds
 * @param {ReturnType<typeof readArguments>["values"]} values
 * @param {readonly string[]} positionals
 */
async function benchFiles(folder, rounds, values, positionals) {
  const triple =
    values.models === undefined ? await makeSamples(folder, values.parameters?.[0] ?? "1.1B") : tripleIn(values.models);
  const cold = values.cold ? dropPageCache : null;
  const common = { triple, folder, rounds, backends: values.backend ?? ["cpu", "gpu"], cold };
  const scripts = !values["no-scripts"];
  const state = values.cold ? "cold" : "from a warm page cache";
  if (positionals.includes("merge")) console.log(`Merging, ${state}:\n\n${await benchMerge({ ...common, scripts })}\n`);
  if (positionals.includes("measure")) {
    console.log(`Measuring, ${state}:\n\n${await benchMeasure({ ...common, scripts })}\n`);
  }
}

function readArguments() {
  const { values, positionals } = parseOrExplain();
  const unknown = positionals.find((name) => !benchmarks.includes(name));
  if (unknown !== undefined) throw new BootstrapError(`there is no benchmark ${unknown}\n${usage}`);
  for (const name of /** @type {const} */ (["rounds", "elements", "repeats", "seconds"])) {
    const count = Number(values[name]);
    if (!Number.isInteger(count) || count <= 0) throw new BootstrapError(`--${name} ${values[name]} is no count`);
  }
  const strange = values.size?.find((size) => !(size in shapes));
  if (strange !== undefined) throw new BootstrapError(`--size ${strange}: one of ${Object.keys(shapes).join(", ")}`);
  const notCold = values.cold ? whyNotCold() : null;
  if (notCold !== null) throw new BootstrapError(`--cold: ${notCold}`);
  return { values, positionals: positionals.length === 0 ? quickBenchmarks : positionals };
}

function parseOrExplain() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        rounds: { type: "string", default: "5" },
        models: { type: "string" },
        parameters: { type: "string", multiple: true },
        folder: { type: "string" },
        backend: { type: "string", multiple: true },
        cold: { type: "boolean", default: false },
        "no-scripts": { type: "boolean", default: false },
        size: { type: "string", multiple: true },
        seconds: { type: "string", default: "60" },
        elements: { type: "string", default: String(2 ** 24) },
        repeats: { type: "string", default: "1" },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new BootstrapError(`${error instanceof Error ? error.message : error}\n${usage}`);
  }
}

/**
 * @param {string} folder
 * @param {string} parameters
 * @returns {Promise<import("./bench/models.mjs").Triple>}
 */
async function makeSamples(folder, parameters) {
  say(`Making samples of ${parameters} parameters …`);
  const { result } = await runApplication(["samples", "--out", join(folder, "samples"), "--parameters", parameters]);
  return result;
}

/** @param {string} folder */
function tripleIn(folder) {
  const at = (/** @type {string} */ role) => resolve(folder, role);
  return { base: at("base"), chat: at("chat"), target: at("target") };
}
