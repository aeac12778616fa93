import { defineConfig } from "@playwright/test";

/** Of the packaged application, and what draws the documents' pictures: configurations of their own. */
const elsewhere = ["packaged.spec.ts", "pictures/*.spec.ts"];
/** Tests that measure time or memory, or use what a display has one of: the clipboard, the focus, the pointer. Nothing else runs beside them. */
const alone = [
  "start.spec.ts",
  "first-merge.spec.ts",
  "memory.spec.ts",
  "window-latency.spec.ts",
  "window-repaint.spec.ts",
  "window-measuring.spec.ts",
  "window-pictures.spec.ts",
  "window-result.spec.ts",
  "closed-windows.spec.ts",
];

export default defineConfig({
  testDir: "e2e",
  globalSetup: "./build/test-temporary-folder.mjs",
  // `npm test` and `npm run e2e` run one project after the other: build/test-runners.mjs.
  projects: [
    { name: "together", testIgnore: [...elsewhere, ...alone], outputDir: "test-results/e2e/together" },
    { name: "alone", testMatch: alone, outputDir: "test-results/e2e/alone" },
  ],
  // `npm test` runs two applications at a time, each on a display of its own: most of a test is waiting, for windows and the disk.
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [["list"], ["json", { outputFile: `test-results/${process.env.CHAT_VECTOR_REPORT ?? "e2e"}.json` }]],
  use: { trace: "off" },
});
