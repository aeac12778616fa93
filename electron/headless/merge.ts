import { resolve } from "node:path";
import { plannedReadBytes } from "../../src-core/engine/planned-bytes.ts";
import { partPlan } from "../../src-core/plan/part-plan.ts";
import type { ExportResult } from "../api/exports.ts";
import { finishParts } from "../export/finish-parts.ts";
import { runMergeJob, runPartJob } from "../export/merge-job.ts";
import type { MergeJobCallbacks, MergeJobRequest } from "../export/merge-job-request.ts";
import type { MergeServices } from "../export/merge-services.ts";
import { PauseSwitch } from "../export/pause-switch.ts";
import type { MergeOptions } from "./commands.ts";
import { OpenOnce } from "./open-once.ts";
import { printNotice } from "./output.ts";
import { ProgressLine } from "./progress-line.ts";
import { recipeOfOptions } from "./recipe-of-options.ts";
import { formatCount } from "./text.ts";

/** Merges as the options say and returns the result, as JSON or in words. */
export async function merge(options: MergeOptions, services: MergeServices, signal: AbortSignal): Promise<string> {
  const { catalog, engine } = services;
  engine.backend = options.backend;
  catalog.reading = options.io;
  const models = new OpenOnce(catalog);
  const asked = await recipeOfOptions(options, async (path) => (await models.open(path)).checkpoint);
  const recipe = await models.openAll(asked);
  const plan = catalog.plan(recipe);
  for (const { severity, message } of plan.problems) printNotice(`${severity}: ${message}`);
  const outputPath = resolve(options.out);
  const { overwrite, part } = options;
  if (options.finish) return told(options, await finishParts({ plan, outputPath, overwrite }, services));
  const planned = part === undefined ? plan : partPlan(plan, part);
  const line = new ProgressLine(plannedReadBytes(planned), planned.output.byteLength);
  const request = {
    plan,
    outputPath,
    overwrite,
    hashSources: options.hashSources,
    unfinished: unfinishedOf(options),
    ...(options.trace === undefined ? {} : { tracePath: resolve(options.trace) }),
  };
  const callbacks: MergeJobCallbacks = {
    signal,
    pause: new PauseSwitch(),
    onPhase: (phase) => line.phase(phase),
    onProgress: (progress) => line.progress(progress),
  };
  try {
    const result =
      part === undefined
        ? await runMergeJob(request, services, callbacks)
        : await runPartJob({ ...request, part }, services, callbacks);
    line.end();
    return told(options, result);
  } catch (error) {
    line.end();
    throw error;
  }
}

function told({ json }: MergeOptions, result: ExportResult): string {
  return json ? JSON.stringify(result) : inWords(result);
}

function unfinishedOf({ resume, overwrite }: MergeOptions): MergeJobRequest["unfinished"] {
  if (resume) return "resume";
  return overwrite ? "replace" : "refuse";
}

function inWords(result: ExportResult): string {
  const { out, finishedAt, adapter, because, seconds, bytesRead, bytesWritten, tensors, verified } = result;
  const rate = formatCount(Math.round((bytesRead + bytesWritten) / seconds));
  return [
    out,
    ...(finishedAt === undefined ? [] : [`finished before, ${finishedAt}: nothing was written now. Then:`]),
    `${tensors.merged} tensors merged, ${tensors.copied} copied; ${formatCount(bytesWritten)}B written in ${seconds.toFixed(1)} s (${rate}B/s) on ${adapter}, because ${because}`,
    `verified: ${verified.samples} elements recomputed, ${verified.mismatches} differ`,
  ].join("\n");
}
