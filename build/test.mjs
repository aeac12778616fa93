#!/usr/bin/env node
/** `npm test`: everything that is checked, on a machine that need not be prepared. Ends with `N passed, N failed`. */
import { performance } from "node:perf_hooks";
import { bootstrap } from "./bootstrap.mjs";
import { ensureBuilt } from "./build-application.mjs";
import { openDisplay } from "./display.mjs";
import { explain, runMain, say } from "./messages.mjs";
import { runStaticStage, staticStages } from "./stages.mjs";
import { testEnvironment } from "./test-environment.mjs";
import { endToEndProjects, runEndToEndProject, runPackagedTests, runUnitTests } from "./test-runners.mjs";

await runMain(async () => {
  const start = performance.now();
  /** @type {import("./electron-runtime.mjs").ElectronRuntime} */
  let runtime;
  try {
    runtime = await bootstrap({ forTests: true });
  } catch (error) {
    say(explain(error));
    console.log("FAILED  preparing this machine\n0 passed, 1 failed");
    return 1;
  }
  console.log(`prepared  ${seconds((performance.now() - start) / 1000)}`);
  const display = await openDisplay();
  try {
    return await runStages(runtime, { ...display.env, ...testEnvironment(runtime) }, start);
  } finally {
    display.stop();
  }
});

/**
 * Every stage runs, whatever became of those before; but without a build there is nothing to test from end to end.
 * @param {import("./electron-runtime.mjs").ElectronRuntime} runtime
 * @param {Record<string, string>} env
 * @param {number} start
 */
async function runStages(runtime, env, start) {
  /** @type {import("./stages.mjs").StageResult[]} */
  const results = [];
  const checks = Object.entries(staticStages).map(([name, check]) => runStaticStage(name, check));
  for (const result of await Promise.all(checks)) results.push(report(result));
  results.push(report(await runUnitTests(env)));
  const built = report(await runStaticStage("build", () => finishing(ensureBuilt)));
  results.push(built);
  if (built.failed === 0) {
    for (const project of endToEndProjects) results.push(report(await runEndToEndProject(env, project)));
    const packaged = { CHAT_VECTOR_PACKAGED: "" };
    const packaging = async () => Object.assign(packaged, await packageForTests(runtime.executablePath));
    const folder = report(await runStaticStage("package", () => finishing(packaging)));
    results.push(folder);
    if (folder.failed === 0) results.push(report(await runPackagedTests({ ...env, ...packaged })));
  }

  const sum = (/** @type {"passed" | "failed" | "skipped"} */ key) =>
    results.reduce((total, result) => total + result[key], 0);
  console.log(`\nall stages  ${seconds((performance.now() - start) / 1000)}`);
  if (sum("skipped") > 0) console.log(`${sum("skipped")} skipped`);
  console.log(`${sum("passed")} passed, ${sum("failed")} failed`);
  return sum("failed") === 0 ? 0 : 1;
}

/**
 * @param {() => Promise<unknown>} work
 * @returns {Promise<{ code: number, output: string }>}
 */
async function finishing(work) {
  try {
    await work();
    return { code: 0, output: "" };
  } catch (error) {
    return { code: 1, output: explain(error) };
  }
}

/** @param {import("./stages.mjs").StageResult} result */
function report(result) {
  const verdict = result.failed === 0 ? "passed" : "FAILED";
  if (result.output !== "") console.log(result.output.trimEnd());
  console.log(`${verdict}  ${result.name}  ${seconds(result.seconds)}`);
  return result;
}

/** @param {number} value */
function seconds(value) {
  return `${value.toFixed(1)} s`;
}

/** @param {string} executablePath Electron's */
async function packageForTests(executablePath) {
  // Loaded here: the packager is a package, and packages may have been installed a moment ago.
  const { packageTestable } = await import("./package/testable-folder.mjs");
  return await packageTestable(executablePath);
}
