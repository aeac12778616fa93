import { defineConfig } from "@playwright/test";
import base from "./playwright.config.ts";

/** The smoke run of the packaged application: `npm run package -- --check`, and a stage of `npm test`. */
export default defineConfig({
  ...base,
  projects: [
    {
      name: "packaged",
      testMatch: ["packaged.spec.ts", "first-merge.spec.ts"],
      outputDir: "test-results/packaged",
    },
  ],
  workers: 1,
});
