import { defineConfig } from "@playwright/test";
import base from "./playwright.config.ts";

/** Draws the documents' pictures anew: `npm run pictures`. */
export default defineConfig({
  ...base,
  projects: [{ name: "pictures", testMatch: "pictures/*.spec.ts", outputDir: "test-results/pictures" }],
  workers: 1,
  // Three applications one after another, on a machine that may be busy.
  timeout: 300_000,
});
