import { existsSync, readFileSync } from "node:fs";

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * Counts from Vitest's JSON report. A file that could not be loaded has no tests to count: it is a failure itself.
 * @param {string} path
 * @returns {Counts | null} null when there is no report
 */
export function readUnitReport(path) {
  const report = readJson(path);
  if (report === null) return null;
  const brokenFiles = report.testResults.filter(
    (/** @type {{ status: string, assertionResults: { status: string }[] }} */ file) =>
      file.status === "failed" && !file.assertionResults.some(({ status }) => status === "failed"),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/**
 * Counts from Playwright's JSON report. A test that passed at a second attempt did not pass; an error outside any test is a failure.
 * @param {string} path
 * @returns {Counts | null} null when there is no report
 */
export function readEndToEndReport(path) {
  const report = readJson(path);
  if (report === null) return null;
  const { expected, unexpected, flaky, skipped } = report.stats;
  return { passed: expected, failed: unexpected + flaky + report.errors.length, skipped };
}

/** @param {string} path */
function readJson(path) {
  if (!existsSync(path)) return null;
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    // A runner that was killed leaves half a report.
    return null;
  }
}
