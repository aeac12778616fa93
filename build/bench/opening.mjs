import { join } from "node:path";
import { runnerImport } from "vite";
import { checkout } from "../checkout.mjs";
import { median } from "./rounds.mjs";

/**
 * Milliseconds, medians of the rounds, that main takes to open three models (headers, maps, vocabularies), to plan their merge, and to ask
 * everything of the output that would make it fail later, but for its space.
 * @param {import("./models.mjs").Triple} triple
 * @param {string} folder to write in
 * @param {number} rounds
 * @returns {Promise<{ opening: number, planning: number, preflight: number }>}
 */
export async function timeOpening(triple, folder, rounds) {
  const { Catalog } = await load("electron/checkpoints/catalog.ts");
  const { checkOutput } = await load("electron/export/output-folder.ts");
  const { recipeSchema } = await load("src-core/recipe/recipe.ts");
  /** @type {{ opening: number[], planning: number[], preflight: number[] }} */
  const times = { opening: [], planning: [], preflight: [] };
  for (let round = 0; round < rounds; round++) {
    const catalog = new Catalog();
    try {
      const startedAt = performance.now();
      const paths = [triple.target, triple.chat, triple.base];
      const [target, chat, base] = await Promise.all(paths.map(async (path) => (await catalog.open(path)).id));
      const openedAt = performance.now();
      const plan = catalog.plan(recipeSchema.parse({ target, vectors: [{ chat, base, scale: 0.7 }] }));
      const plannedAt = performance.now();
      await checkOutput(outputOf(plan, catalog, join(folder, "output")));
      times.opening.push(openedAt - startedAt);
      times.planning.push(plannedAt - openedAt);
      times.preflight.push(performance.now() - plannedAt);
    } finally {
      catalog.closeAll();
    }
  }
  return {
    opening: median(times.opening),
    planning: median(times.planning),
    preflight: median(times.preflight),
  };
}

/**
 * @param {any} plan
 * @param {any} catalog
 * @param {string} path
 */
function outputOf(plan, catalog, path) {
  return {
    ...{ path, overwrite: false, byteLength: 0, allocatedBytes: 0 },
    fileLengths: plan.output.files.map((/** @type {any} */ { byteLength }) => byteLength),
    names: plan.output.files.map((/** @type {any} */ { name }) => name),
    sourcePaths: plan.sources.map((/** @type {any} */ source) => catalog.get(source.checkpoint).folder.realFolderPath),
    sourceFileCount: plan.sources.reduce(
      (/** @type {number} */ sum, /** @type {any} */ { files }) => sum + files.length,
      0,
    ),
  };
}

/**
 * A module of the application's, in this process.
 * @param {string} path
 * @returns {Promise<any>}
 */
async function load(path) {
  const { module } = await runnerImport(join(checkout, path), { configFile: false, root: checkout, logLevel: "warn" });
  return module;
}
