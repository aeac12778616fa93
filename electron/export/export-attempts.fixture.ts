import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodeSafetensorsHeader, layoutSafetensors } from "../../src-core/checkpoint/safetensors-writer.ts";
import type { Part } from "../../src-core/plan/part-plan.ts";
import { recipeSchema } from "../../src-core/recipe/recipe.ts";
import { InProcessEngine } from "../../src-core/test-support/in-process-engine.ts";
import { randomWeights } from "../../src-core/test-support/memory-files.ts";
import type { ExportResult } from "../api/exports.ts";
import { Catalog } from "../checkpoints/catalog.ts";
import { runMergeJob, runPartJob } from "./merge-job.ts";
import type { MergeJobRequest } from "./merge-job-request.ts";
import { PauseSwitch } from "./pause-switch.ts";

// Exports of small models, each as one start of the program, for tests that disturb them.

const tensors = ["embed_tokens", "layers.0.a", "layers.0.b", "layers.1.a", "layers.1.b", "layers.2.a", "norm"];
export const roles = ["base", "chat", "target"] as const;

export const weightsPath = (models: string, role: (typeof roles)[number]) => join(models, role, "model.safetensors");

export const sha256Of = async (path: string) =>
  createHash("sha256")
    .update(await readFile(path))
    .digest("hex");

/** The same models every time, in folders named for their roles. A column adds 210 bytes to each. */
export async function writeModels(folder: string, columnCount = 43): Promise<void> {
  for (const [index, role] of roles.entries()) await writeModel(join(folder, role), columnCount, index + 1);
}

async function writeModel(folder: string, columnCount: number, seed: number): Promise<void> {
  const shapes = tensors.map((name, at) => ({ name: `model.${name}.weight`, shape: [(at + 2) * 3, columnCount] }));
  const entries = shapes.map(({ name, shape }) => ({
    name,
    shape,
    dtype: "BF16" as const,
    byteLength: (shape[0] ?? 0) * (shape[1] ?? 0) * 2,
  }));
  const layout = layoutSafetensors(entries, { format: "pt" });
  const header = encodeSafetensorsHeader(layout.headerJson);
  await mkdir(folder, { recursive: true });
  const weights = randomWeights(layout.byteLength - header.byteLength, seed);
  await writeFile(join(folder, "model.safetensors"), Buffer.concat([header, weights]));
}

export interface Attempt {
  readonly engine?: InProcessEngine;
  readonly unfinished?: MergeJobRequest["unfinished"];
  readonly version?: string;
  readonly scale?: number;
  readonly abort?: AbortController;
  readonly pause?: PauseSwitch;
  readonly onPhase?: (phase: string) => void;
  readonly part?: Part;
}

/** One start of the program: opens the models of a folder and exports. */
export async function attemptExport(models: string, out: string, options: Attempt = {}): Promise<ExportResult> {
  const { engine = new InProcessEngine(), unfinished = "resume", version = "1.0.0", scale = 0.7 } = options;
  const catalog = new Catalog();
  try {
    const id = async (role: string) => (await catalog.open(join(models, role))).id;
    const recipe = recipeSchema.parse({
      target: await id("target"),
      vectors: [{ chat: await id("chat"), base: await id("base"), scale }],
      output: { shardBytes: 5_000 },
    });
    const request = { plan: catalog.plan(recipe), outputPath: out, overwrite: false, unfinished };
    const services = { catalog, engine, version };
    const callbacks = {
      signal: (options.abort ?? new AbortController()).signal,
      pause: options.pause ?? new PauseSwitch(),
      onPhase: (phase: string) => options.onPhase?.(phase),
      onProgress: () => undefined,
    };
    return options.part === undefined
      ? await runMergeJob(request, services, callbacks)
      : await runPartJob({ ...request, part: options.part }, services, callbacks);
  } finally {
    catalog.closeAll();
  }
}
