import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "e2e",
  // Of the packaged application, and what draws the documents' pictures: configurations of their own.
  testIgnore: ["packaged.spec.ts", "pictures/*.spec.ts"],
  globalSetup: "./build/test-temporary-folder.mjs",
  outputDir: "test-results/e2e",
  // One application at a time: each computes on every core where there is no GPU.
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [["list"], ["json", { outputFile: "test-results/e2e.json" }]],
  use: { trace: "off" },
});
