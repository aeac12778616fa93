import { resolve } from "node:path";
import { plannedReadBytes } from "../../src-core/engine/planned-bytes.ts";
import type { ExportResult } from "../api.ts";
import { PauseSwitch } from "../export/pause-switch.ts";
import { type MergeJobRequest, type MergeServices, runMergeJob } from "../merge-job.ts";
import type { MergeOptions } from "./command-line.ts";
import { OpenOnce } from "./open-once.ts";
import { printNotice } from "./output.ts";
import { ProgressLine } from "./progress-line.ts";
import { recipeOfOptions } from "./recipe-of-options.ts";
import { formatCount } from "./text.ts";

/** Merges as the options say and returns the result, as JSON or in words. */
export async function merge(options: MergeOptions, services: MergeServices, signal: AbortSignal): Promise<string> {
  const { catalog, engine } = services;
  engine.backend = options.backend;
  const models = new OpenOnce(catalog);
  const asked = await recipeOfOptions(options, async (path) => (await models.open(path)).checkpoint);
  const recipe = await models.openAll(asked);
  const plan = catalog.plan(recipe);
  for (const { severity, message } of plan.problems) printNotice(`${severity}: ${message}`);
  const line = new ProgressLine(plannedReadBytes(plan), plan.output.byteLength);
  try {
    const result = await runMergeJob(
      {
        plan,
        outputPath: resolve(options.out),
        overwrite: options.overwrite,
        unfinished: unfinishedOf(options),
        ...(options.trace === undefined ? {} : { tracePath: resolve(options.trace) }),
      },
      services,
      {
        signal,
        pause: new PauseSwitch(),
        onPhase: (phase) => line.phase(phase),
        onProgress: (progress) => line.progress(progress),
      },
    );
    line.end();
    return options.json ? JSON.stringify(result) : inWords(result);
  } catch (error) {
    line.end();
    throw error;
  }
}

function unfinishedOf({ resume, overwrite }: MergeOptions): MergeJobRequest["unfinished"] {
  if (resume) return "resume";
  return overwrite ? "replace" : "refuse";
}

function inWords({ out, adapter, because, seconds, bytesRead, bytesWritten, tensors, verified }: ExportResult): string {
  const rate = formatCount(Math.round((bytesRead + bytesWritten) / seconds));
  return [
    out,
    `${tensors.merged} tensors merged, ${tensors.copied} copied; ${formatCount(bytesWritten)}B written in ${seconds.toFixed(1)} s (${rate}B/s) on ${adapter}, because ${because}`,
    `verified: ${verified.samples} elements recomputed, ${verified.mismatches} differ`,
  ].join("\n");
}
