import { defineConfig } from "@playwright/test";
import base from "./playwright.config.ts";

/** The smoke run of the packaged application: `npm run package -- --check`, and a stage of `npm test`. */
export default defineConfig({
  ...base,
  testIgnore: [],
  testMatch: ["packaged.spec.ts", "first-merge.spec.ts"],
  outputDir: "test-results/packaged",
  reporter: [["list"], ["json", { outputFile: "test-results/packaged.json" }]],
});
