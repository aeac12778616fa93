import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base } from "@playwright/test";
import { runCli } from "../launch.ts";

export interface SamplePaths {
  readonly base: string;
  readonly chat: string;
  readonly target: string;
}

/** Tests with a folder of their own, and with three sample models that all tests of a run share (and only read). */
export const test = base.extend<{ folder: string }, { samples: SamplePaths }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from this pattern
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), "chat-vector-e2e-"));
    await use(folder);
    await rm(folder, { recursive: true, force: true });
  },
  samples: [
    // biome-ignore lint/correctness/noEmptyPattern: as above
    async ({}, use) => {
      const folder = await mkdtemp(join(tmpdir(), "chat-vector-samples-"));
      const { code, stdout, stderr } = await runCli(["samples", "--out", folder, "--parameters", "1M", "--json"]);
      if (code !== 0) throw new Error(`making samples failed: ${stderr}`);
      await use(JSON.parse(stdout) as SamplePaths);
      await rm(folder, { recursive: true, force: true });
    },
    { scope: "worker" },
  ],
});

export { expect } from "@playwright/test";
