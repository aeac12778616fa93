import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { readSafetensorsHeader } from "../../src-core/checkpoint/safetensors-header.ts";
import { type VerifyOptions, verifyMerge } from "../../src-core/engine/verify-merge.ts";
import { StudioError } from "../../src-core/errors.ts";
import { verificationSampleCount } from "../../src-core/limits.ts";
import type { MergePlan } from "../../src-core/plan/merge-plan.ts";
import type { Catalog } from "../checkpoints/catalog.ts";
import { MappedFile } from "../checkpoints/mapped-file.ts";

const seed = 0x5eed;

export interface OutputVerification {
  readonly samples: number;
  readonly mismatches: number;
}

/** As `recomputeSamples`, of a finished model: every header parses as well. */
export async function verifyOutput(plan: MergePlan, folder: string, catalog: Catalog): Promise<OutputVerification> {
  await readHeaders(plan, folder);
  return await recomputeSamples(plan, folder, catalog);
}

/** Rejects with a StudioError where a header does not parse. */
export async function readHeaders({ output }: MergePlan, folder: string): Promise<void> {
  for (const { name } of output.files) {
    const file = await MappedFile.open(join(folder, name));
    await readSafetensorsHeader(file).finally(() => file.close());
  }
}

/**
 * Reads what was written back, and recomputes randomly chosen elements on the CPU; while it is being written each as soon as `written` lets it
 * (verify-merge.ts). Rejects with `verification-failed` when anything differs.
 */
export async function recomputeSamples(
  plan: MergePlan,
  folder: string,
  catalog: Catalog,
  written?: VerifyOptions["written"],
): Promise<OutputVerification> {
  const sources = [];
  for (const { checkpoint, files } of plan.sources) {
    const { folder: source } = catalog.get(checkpoint);
    const opened = [];
    for (const { name } of files) opened.push((await source.open(name)).scattered());
    sources.push(opened);
  }
  const outputs: MappedFile[] = [];
  try {
    for (const { name } of plan.output.files) outputs.push(await MappedFile.open(join(folder, name)));
    const { samples, mismatches } = await verifyMerge(
      plan,
      { sources, outputs: outputs.map((output) => output.scattered()) },
      {
        sampleCount: verificationSampleCount,
        seed,
        pause: () => setImmediate(),
        ...(written === undefined ? {} : { written }),
      },
    );
    const [first] = mismatches;
    if (first !== undefined) {
      throw new StudioError({
        code: "verification-failed",
        what: "The written model differs from its recomputation",
        where: `${first.tensor}, element ${first.index}`,
        actual: `${mismatches.length} of ${samples} samples differ`,
        advice: "Nothing was kept. If it happens again the disk, the memory or the GPU is at fault",
      });
    }
    return { samples, mismatches: 0 };
  } finally {
    for (const output of outputs) output.close();
  }
}
