import { mkdir } from "node:fs/promises";
import { type Part, partPlan } from "../../src-core/plan/part-plan.ts";
import type { ExportResult } from "../api/exports.ts";
import { refuseUnexecutable } from "../closed/refuse-unexecutable.ts";
import { ExportTrace } from "./export-trace.ts";
import { ExportWork } from "./export-work.ts";
import { findFinished } from "./finished-export.ts";
import { leaveBehind } from "./leave-behind.ts";
import type { MergeJobCallbacks, MergeJobRequest } from "./merge-job-request.ts";
import type { MergeJobServices } from "./merge-services.ts";
import { outputFailure } from "./output-failure.ts";
import { partPath, partsPath } from "./part-record.ts";
import { prepareExport } from "./prepare-export.ts";
import { prepareSideFiles, type SideFiles } from "./side-files.ts";

/**
 * One export, from a plan to a finished folder. Rejects with a StudioError; then the output's name is as it was before, and what
 * was written lies beside it, to be gone on with, unless it is of no use any more.
 */
export async function runMergeJob(
  request: MergeJobRequest,
  services: MergeJobServices,
  callbacks: MergeJobCallbacks,
): Promise<ExportResult> {
  const startedAt = performance.now();
  callbacks.onPhase("preparing");
  refuseUnexecutable(request.plan);
  const finished = await findFinished(request, services);
  if (finished !== null) return finished;
  const backendBefore = services.engine.backend;
  const trace = await ExportTrace.open(request.tracePath ?? null);
  const { watched } = trace;
  const { sideFiles, workspace, sources, done, notices } = await watched("prepare", {}, async () => {
    const files = await sideFilesOf(request, services);
    return { sideFiles: files, ...(await prepareExport(request, files, services, callbacks.signal, watched)) };
  });
  try {
    const job = new ExportWork(request, workspace, sources, services, { ...callbacks, watched });
    const result = await job.run(done, sideFiles, notices, startedAt);
    callbacks.signal.throwIfAborted();
    await trace.write();
    await watched("name", {}, () => workspace.finish());
    // The model has its name: that is no time to fail.
    await trace.write().catch(() => undefined);
    return { ...result, seconds: (performance.now() - startedAt) / 1000 };
  } catch (error) {
    await trace.write().catch(() => undefined);
    throw await leaveBehind(workspace, error);
  } finally {
    services.engine.backend = backendBefore;
  }
}

async function sideFilesOf({ plan, part }: MergeJobRequest, { catalog }: MergeJobServices): Promise<SideFiles> {
  return part === undefined ? await prepareSideFiles(plan, catalog) : { files: [], problems: [] };
}

/** What one part of a merge writes lies apart from what other parts do, at the same time or on another machine. */
export async function runPartJob(
  { part, ...request }: Omit<MergeJobRequest, "part"> & { readonly part: Part },
  services: MergeJobServices,
  callbacks: MergeJobCallbacks,
): Promise<ExportResult> {
  const { plan: whole, outputPath } = request;
  refuseUnexecutable(whole);
  await mkdir(partsPath(outputPath), { recursive: true }).catch((error: unknown) => {
    throw outputFailure(error, "The folder for the parts cannot be made", partsPath(outputPath));
  });
  const ofPart = { plan: partPlan(whole, part), outputPath: partPath(outputPath, part), part: { ...part, whole } };
  return await runMergeJob({ ...request, ...ofPart }, services, callbacks);
}
