import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { MergeOutcome, MergeProgress } from "../src-core/engine/merge-pipeline.ts";
import { StudioError } from "../src-core/errors.ts";
import type { MergePlan } from "../src-core/plan/merge-plan.ts";
import type { Problem } from "../src-core/plan/problem.ts";
import type { ExportResult } from "./api.ts";
import type { Catalog } from "./catalog.ts";
import type { EngineProcess } from "./engine-process.ts";
import { checkOutput, PartialFolder, provenanceName } from "./output-folder.ts";
import { refuseUnexecutable } from "./refuse-unexecutable.ts";
import { copySideFiles } from "./side-files.ts";
import { verifyOutput } from "./verify-output.ts";

export interface MergeJobRequest {
  readonly plan: MergePlan;
  readonly outputPath: string;
  readonly overwrite: boolean;
  /** A file to take down in when what happened. */
  readonly tracePath?: string;
}

export interface MergeJobCallbacks {
  readonly signal: AbortSignal;
  readonly onPhase: (phase: "preparing" | "merging" | "verifying") => void;
  readonly onProgress: (progress: MergeProgress) => void;
}

/** What a merge needs to run, whichever window or command asked for it. */
export interface MergeServices {
  readonly catalog: Catalog;
  readonly engine: EngineProcess;
  readonly version: string;
}

/**
 * One export, from a plan to a finished folder. Rejects with a StudioError; then the output's name is as it was before,
 * and what was written beside it is gone.
 */
export async function runMergeJob(
  { plan, outputPath, overwrite, tracePath }: MergeJobRequest,
  services: MergeServices,
  callbacks: MergeJobCallbacks,
): Promise<ExportResult> {
  const { catalog, engine } = services;
  const startedAt = performance.now();
  callbacks.onPhase("preparing");
  refuseUnexecutable(plan);
  const sources = catalog.sourceFiles(plan);
  const sourcePaths = plan.sources.map(({ checkpoint }) => catalog.get(checkpoint).folder.realFolderPath);
  const byteLength = plan.output.byteLength;
  await checkOutput({ path: outputPath, overwrite, byteLength, sourcePaths });
  const { kind, adapter, because } = await engine.ready();
  callbacks.signal.throwIfAborted();

  const partial = await PartialFolder.create(outputPath, plan.output);
  try {
    callbacks.onPhase("merging");
    const outputPaths = plan.output.files.map(({ name }) => join(partial.path, name));
    const outcome = await engine.merge(
      { job: randomUUID(), plan, sources, outputPaths, ...(tracePath === undefined ? {} : { tracePath }) },
      callbacks,
    );
    const target = catalog.get(plan.recipe.target);
    await copySideFiles(target.folder.realFolderPath, partial.path, {
      dtype: plan.recipe.output.dtype,
      widened: plan.tensors.some(({ target: { encoded } }) => encoded !== undefined),
    });
    callbacks.onPhase("verifying");
    const verified = await verifyOutput(plan, partial.path, catalog);
    const result: ExportResult = {
      out: outputPath,
      backend: kind ?? "gpu",
      adapter: adapter ?? "",
      because: because ?? "",
      seconds: (performance.now() - startedAt) / 1000,
      bytesRead: outcome.bytesRead,
      bytesWritten: outcome.bytesWritten,
      tensors: countActions(plan),
      files: plan.output.files.map((file) => ({ name: file.name, bytes: file.byteLength })),
      verified,
      problems: [...plan.problems, ...nonFiniteProblems(outcome)],
    };
    await writeFile(join(partial.path, provenanceName), provenanceText(plan, result, services));
    callbacks.signal.throwIfAborted();
    await partial.finish();
    return { ...result, seconds: (performance.now() - startedAt) / 1000 };
  } catch (error) {
    await partial.discard();
    throw error;
  }
}

function countActions({ tensors }: MergePlan): ExportResult["tensors"] {
  const merged = tensors.filter(({ action }) => action === "merge").length;
  return { merged, copied: tensors.length - merged };
}

function nonFiniteProblems({ newNonFinite }: MergeOutcome): Problem[] {
  if (newNonFinite.length === 0) return [];
  const count = newNonFinite.reduce((sum, entry) => sum + entry.count, 0);
  const message = `${count} values became infinite or NaN in the merged model, first in ${newNonFinite[0]?.tensor}`;
  const tensors = newNonFinite.map(({ tensor }) => tensor);
  return [{ code: "output-non-finite", severity: "notice", message, tensors }];
}

function provenanceText(plan: MergePlan, result: ExportResult, { catalog, version }: MergeServices): string {
  const nameOf = (id: string) => catalog.get(id).checkpoint.path;
  const recipe = {
    ...plan.recipe,
    target: nameOf(plan.recipe.target),
    vectors: plan.recipe.vectors.map((vector) => ({ ...vector, chat: nameOf(vector.chat), base: nameOf(vector.base) })),
  };
  const { backend, adapter, because, bytesRead, bytesWritten, tensors, files, verified, problems } = result;
  const made = { by: "Chat Vector Studio", version, at: new Date().toISOString(), backend, adapter, because };
  return `${JSON.stringify({ made, recipe, bytesRead, bytesWritten, tensors, files, verified, problems }, null, 2)}\n`;
}

export function interrupted(): StudioError {
  return new StudioError({ code: "interrupted", what: "Cancelled", advice: "Nothing was left behind" });
}
