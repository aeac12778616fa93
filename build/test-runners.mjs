import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { checkout } from "./checkout.mjs";
import { openDisplay } from "./display.mjs";
import { packageProgram } from "./stages.mjs";
import { readEndToEndReport, readUnitReport } from "./test-reports.mjs";

const reports = join(checkout, "test-results");

/**
 * @param {Record<string, string>} env
 * @param {readonly string[]} [args]
 * @returns {Promise<import("./stages.mjs").StageResult>}
 */
export function runUnitTests(env, args = []) {
  const report = join(reports, "unit.json");
  const command = ["run", "--reporter=dot", "--reporter=json", `--outputFile.json=${report}`, ...args];
  return runCounted("unit tests", "vitest", command, env, report, readUnitReport);
}

/** The end-to-end tests that run two at a time, and those that nothing may run beside: playwright.config.ts. */
export const endToEndProjects = /** @type {const} */ (["together", "alone"]);

/**
 * All tests of a project.
 * @param {Record<string, string>} env
 * @param {"together" | "alone"} project
 * @returns {Promise<import("./stages.mjs").StageResult>}
 */
export async function runEndToEndProject(env, project) {
  const run = (/** @type {number} */ workers, told = env) =>
    runPlaywright(
      `end-to-end tests, ${project}`,
      [`--project=${project}`, `--workers=${workers}`],
      told,
      `e2e-${project}`,
    );
  // A person's display is one, and theirs.
  if (project === "alone" || env.DISPLAY === undefined) return await run(1);
  // Windows on one display take the focus from each other, and with it keys, drags and open dialogs.
  const second = await openDisplay();
  try {
    const { DISPLAY = "", XAUTHORITY = "" } = second.env;
    return await run(2, { ...env, CHAT_VECTOR_SECOND_DISPLAY: DISPLAY, CHAT_VECTOR_SECOND_XAUTHORITY: XAUTHORITY });
  } finally {
    second.stop();
  }
}

/**
 * Tests that a person chose, one after the other.
 * @param {Record<string, string>} env
 * @param {readonly string[]} args
 * @returns {Promise<import("./stages.mjs").StageResult>}
 */
export function runEndToEndTests(env, args) {
  return runPlaywright("end-to-end tests", ["--workers=1", ...args], env, "e2e");
}

/**
 * The smoke run of the packaged application; its configuration says which tests.
 * @param {Record<string, string>} env
 * @returns {Promise<import("./stages.mjs").StageResult>}
 */
export function runPackagedTests(env) {
  return runPlaywright("packaged application", ["--config=playwright.packaged.config.ts"], env, "packaged");
}

/**
 * @param {string} name
 * @param {readonly string[]} args
 * @param {Record<string, string>} env
 * @param {string} report its name, which the configuration makes a path of
 */
function runPlaywright(name, args, env, report) {
  const told = { ...env, CHAT_VECTOR_REPORT: report };
  return runCounted(name, "playwright", ["test", ...args], told, join(reports, `${report}.json`), readEndToEndReport);
}

/**
 * Runs a test runner, its output going to the person as it comes, and counts from its report. A runner that failed without a
 * failed test, left no report, or ran no test, counts as one failure.
 * @param {string} name
 * @param {string} program
 * @param {readonly string[]} args
 * @param {Record<string, string>} env
 * @param {string} report
 * @param {(path: string) => import("./test-reports.mjs").Counts | null} readReport
 * @returns {Promise<import("./stages.mjs").StageResult>}
 */
async function runCounted(name, program, args, env, report, readReport) {
  const start = performance.now();
  rmSync(report, { force: true });
  const code = await new Promise((resolve) => {
    const child = spawn(packageProgram(program), args, {
      cwd: checkout,
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, ...env },
      shell: process.platform === "win32",
    });
    child.on("error", () => resolve(127));
    child.on("close", (exitCode) => resolve(exitCode ?? 1));
  });
  const seconds = (performance.now() - start) / 1000;
  const counts = readReport(report) ?? { passed: 0, failed: 0, skipped: 0 };
  const failure = missedFailure(counts, code);
  return { name, ...counts, failed: counts.failed + Number(failure !== ""), output: failure, seconds };
}

/**
 * @param {import("./test-reports.mjs").Counts} counts
 * @param {number} code the runner's exit code
 */
function missedFailure({ passed, failed }, code) {
  if (passed + failed === 0) return `no test ran (exit code ${code})`;
  return code !== 0 && failed === 0 ? `the test runner failed with exit code ${code}` : "";
}
