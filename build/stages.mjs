import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { checkout } from "./checkout.mjs";
import { run } from "./child-process.mjs";

/**
 * @typedef {object} StageResult
 * @property {string} name
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {string} output what a person needs to see of it
 * @property {number} seconds
 */

const typeProjects = ["src-core", "electron", "renderer", "e2e"];

/** @param {string} name of a program among the packages */
export const packageProgram = (name) =>
  join(checkout, "node_modules", ".bin", process.platform === "win32" ? `${name}.cmd` : name);

/** Each is one check that passes or fails as a whole. */
export const staticStages = {
  types: async () => {
    const results = await Promise.all(
      typeProjects.map((project) => runPackage("tsc", ["--pretty", "false", "-p", project])),
    );
    return {
      code: Math.max(...results.map(({ code }) => code)),
      output: results.map(({ output }) => output).join(""),
    };
  },
  "format and lint": () => runPackage("biome", ["ci", "--colors=off", "."]),
  "imports and unused code": () => runNode([join(checkout, "build", "check-imports.mjs")]),
};

/**
 * @param {string} name
 * @param {() => Promise<{ code: number, output: string }>} check
 * @returns {Promise<StageResult>}
 */
export async function runStaticStage(name, check) {
  const start = performance.now();
  const { code, output } = await check();
  const passed = code === 0;
  return {
    name,
    passed: Number(passed),
    failed: Number(!passed),
    skipped: 0,
    output: passed ? "" : output,
    seconds: (performance.now() - start) / 1000,
  };
}

/**
 * @param {string} name
 * @param {readonly string[]} args
 */
function runPackage(name, args) {
  return finished(run(packageProgram(name), args, { cwd: checkout, shell: process.platform === "win32" }));
}

/** @param {readonly string[]} args */
function runNode(args) {
  return finished(run(process.execPath, args, { cwd: checkout }));
}

/** @param {Promise<import("./child-process.mjs").Finished>} running */
async function finished(running) {
  const { code, stdout, stderr } = await running;
  return { code, output: `${stdout}${stderr}` };
}
