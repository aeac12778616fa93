import { expect, test } from "@playwright/test";
import { launchStudio } from "../launch.ts";
import { runNumericTableIn } from "./run-in-page.ts";

test("Electron's engine window merges and measures every numeric case within the contract", async () => {
  test.setTimeout(300_000);
  const studio = await launchStudio();
  try {
    const reports = await runNumericTableIn(studio.engine);
    expect(reports).toHaveLength(2);
    for (const { merge, measure, adapter } of reports) {
      test.info().annotations.push({ type: "adapter", description: adapter });
      for (const { cases, failures } of [merge, measure]) {
        expect(failures).toEqual([]);
        expect(cases).toBeGreaterThan(0);
      }
    }
  } finally {
    await studio.close();
  }
});
