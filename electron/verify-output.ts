import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { readSafetensorsHeader } from "../src-core/checkpoint/safetensors-header.ts";
import { verifyMerge } from "../src-core/engine/verify-merge.ts";
import { StudioError } from "../src-core/errors.ts";
import { verificationSampleCount } from "../src-core/limits.ts";
import type { MergePlan } from "../src-core/plan/merge-plan.ts";
import type { Catalog } from "./catalog.ts";
import { MappedFile } from "./mapped-file.ts";

const seed = 0x5eed;

/**
 * Reads what was written back through memory maps: every header parses, and randomly chosen elements are recomputed on the
 * CPU. Rejects with `verification-failed` when anything differs.
 */
export async function verifyOutput(
  plan: MergePlan,
  folder: string,
  catalog: Catalog,
): Promise<{ samples: number; mismatches: number }> {
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
    for (const output of outputs) await readSafetensorsHeader(output);
    const { samples, mismatches } = await verifyMerge(
      plan,
      { sources, outputs: outputs.map((output) => output.scattered()) },
      { sampleCount: verificationSampleCount, seed, pause: () => setImmediate() },
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
