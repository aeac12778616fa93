#!/usr/bin/env node
/**
 * `npm run bench -- [merge|measure] …`: how long the application takes, beside scripts that do the same and the least that the machine allows,
 * all in the same rounds. Prints a table.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { runApplication } from "./bench/application.mjs";
import { dropPageCache } from "./bench/cold.mjs";
import { describeMachine, whyNotCold } from "./bench/machine.mjs";
import { benchMeasure } from "./bench/measure.mjs";
import { benchMerge } from "./bench/merge.mjs";
import { bootstrapApplication } from "./bootstrap.mjs";
import { BootstrapError, runMain, say } from "./messages.mjs";

const usage = `usage: npm run bench -- [merge] [measure] [options]

  --rounds N          of each contender (5)
  --models DIR        a folder with base, chat and target in bf16, as \`samples\` makes it; else samples are made
  --parameters N      of the samples (1.1B: 6.6 GB)
  --folder DIR        on the disk to measure, for samples and outputs (the system's temporary folder)
  --backend B         cpu or gpu; may be given twice (both)
  --cold              drops the page cache before each run (Linux, root)
  --no-scripts        without PyTorch and NumPy`;

await runMain(async () => {
  const { values, positionals } = readArguments();
  if (values.help) {
    console.log(usage);
    return 0;
  }
  await bootstrapApplication();
  const folder = await mkdtemp(join(resolve(values.folder ?? tmpdir()), "chat-vector-bench-"));
  try {
    const triple = values.models === undefined ? await makeSamples(folder, values.parameters) : tripleIn(values.models);
    const cold = values.cold ? dropPageCache : null;
    const backends = values.backend ?? ["cpu", "gpu"];
    const common = { triple, folder, rounds: Number(values.rounds), backends, scripts: !values["no-scripts"], cold };
    console.log(`${await describeMachine(folder)}\n`);
    const state = values.cold ? "cold" : "from a warm page cache";
    if (positionals.includes("merge")) console.log(`Merging, ${state}:\n\n${await benchMerge(common)}\n`);
    if (positionals.includes("measure")) console.log(`Measuring, ${state}:\n\n${await benchMeasure(common)}\n`);
    return 0;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

function readArguments() {
  const { values, positionals } = parseOrExplain();
  const unknown = positionals.find((name) => name !== "merge" && name !== "measure");
  if (unknown !== undefined) throw new BootstrapError(`there is no benchmark ${unknown}\n${usage}`);
  if (!(Number.isInteger(Number(values.rounds)) && Number(values.rounds) > 0)) {
    throw new BootstrapError(`--rounds ${values.rounds} is no count`);
  }
  const notCold = values.cold ? whyNotCold() : null;
  if (notCold !== null) throw new BootstrapError(`--cold: ${notCold}`);
  return { values, positionals: positionals.length === 0 ? ["merge", "measure"] : positionals };
}

function parseOrExplain() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        rounds: { type: "string", default: "5" },
        models: { type: "string" },
        parameters: { type: "string", default: "1.1B" },
        folder: { type: "string" },
        backend: { type: "string", multiple: true },
        cold: { type: "boolean", default: false },
        "no-scripts": { type: "boolean", default: false },
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
