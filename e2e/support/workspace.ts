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

interface WorkerModels {
  readonly samples: SamplePaths;
  /** Thirty times as large: measuring them takes many rounds. */
  readonly largeSamples: SamplePaths;
}

/** Tests with a folder of their own, and with sample models that all tests of a run share (and only read). */
export const test = base.extend<{ folder: string }, WorkerModels>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from this pattern
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), "chat-vector-e2e-"));
    await use(folder);
    await rm(folder, { recursive: true, force: true });
  },
  // biome-ignore lint/correctness/noEmptyPattern: as above
  samples: [({}, use) => withSamples(["--parameters", "1M"], use), { scope: "worker" }],
  // biome-ignore lint/correctness/noEmptyPattern: as above
  largeSamples: [({}, use) => withSamples(["--parameters", "30M"], use), { scope: "worker" }],
});

/** Sample models in a folder that is removed afterwards. */
export async function withSamples(
  words: readonly string[],
  use: (samples: SamplePaths) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "chat-vector-samples-"));
  try {
    const { code, stdout, stderr } = await runCli(["samples", "--out", folder, ...words, "--json"]);
    if (code !== 0) throw new Error(`making samples failed: ${stderr}`);
    await use(JSON.parse(stdout) as SamplePaths);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export { expect } from "@playwright/test";
