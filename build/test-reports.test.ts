import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readEndToEndReport, readUnitReport } from "./test-reports.mjs";

const folder = mkdtempSync(join(tmpdir(), "test-reports-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(text: string): string {
  const path = join(folder, "report.json");
  writeFileSync(path, text);
  return path;
}

const unit = {
  numPassedTests: 5,
  numFailedTests: 1,
  numPendingTests: 1,
  numTodoTests: 1,
  testResults: [] as unknown[],
};

describe("counting tests", () => {
  it("takes unit tests from Vitest's report", () => {
    expect(readUnitReport(file(JSON.stringify(unit)))).toEqual({ passed: 5, failed: 1, skipped: 2 });
  });

  it("counts a test file that could not be loaded as a failure, and one with a failed test once", () => {
    const testResults = [
      { status: "failed", assertionResults: [] },
      { status: "failed", assertionResults: [{ status: "failed" }] },
    ];
    expect(readUnitReport(file(JSON.stringify({ ...unit, testResults })))?.failed).toBe(2);
  });

  it("takes end-to-end tests from Playwright's report; a test that needed a second attempt has failed", () => {
    const report = {
      stats: { expected: 3, unexpected: 1, flaky: 1, skipped: 2 },
      errors: [{ message: "outside a test" }],
    };
    expect(readEndToEndReport(file(JSON.stringify(report)))).toEqual({ passed: 3, failed: 3, skipped: 2 });
  });

  it.each(["", '{"stats":'])("finds no report in %j", (text) => {
    expect(readUnitReport(file(text))).toBeNull();
    expect(readEndToEndReport(file(text))).toBeNull();
  });

  it("finds no report where there is none", () => {
    expect(readUnitReport(join(folder, "none.json"))).toBeNull();
  });
});
