import { defineConfig } from "@playwright/test";
import base from "./playwright.config.ts";

/** Draws the documents' pictures anew: `npm run pictures`. */
export default defineConfig({
  ...base,
  testIgnore: [],
  testMatch: "pictures/*.spec.ts",
  // Three applications one after another, on a machine that may be busy.
  timeout: 300_000,
  outputDir: "test-results/pictures",
});
