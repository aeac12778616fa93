import type { FileRange } from "../../src-core/engine/file-ranges.ts";
import { plannedReadBytes } from "../../src-core/engine/planned-bytes.ts";
import type { Watched } from "../../src-core/engine/trace.ts";
import { StudioError } from "../../src-core/errors.ts";
import { leastTrialBytes } from "../../src-core/limits.ts";
import type { Problem } from "../../src-core/plan/problem.ts";
import {
  type ExportBackend,
  type ExportRecord,
  exportBasis,
  refuseOtherBackend,
  refuseOtherBasis,
} from "./export-record.ts";
import { ExportWorkspace } from "./export-workspace.ts";
import type { MergeJobRequest } from "./merge-job-request.ts";
import type { MergeJobServices } from "./merge-services.ts";
import { checkPlace } from "./preflight.ts";
import type { SideFiles } from "./side-files.ts";
import { recordSources, type SourceRecord } from "./source-record.ts";
import { findUnfinished } from "./unfinished-export.ts";

/** Where an export is written, and what of it is there already. */
export interface PreparedExport {
  readonly workspace: ExportWorkspace;
  readonly sources: readonly SourceRecord[];
  readonly done: readonly FileRange[];
  readonly notices: readonly Problem[];
}

/**
 * Refuses what cannot be written, and makes or takes up the workspace: of an unfinished export, on the backend that began it. Rejects with a
 * StudioError.
 */
export async function prepareExport(
  request: MergeJobRequest,
  sideFiles: SideFiles,
  services: MergeJobServices,
  signal: AbortSignal,
  watched: Watched,
): Promise<PreparedExport> {
  const { plan, outputPath } = request;
  const { catalog, engine } = services;
  const found = await findUnfinished(outputPath);
  const notices = await checkPlace(request, sideFiles, catalog);
  refuseUnfinished(request, found);
  const sources = await recordSources(plan, catalog);
  const basis = exportBasis(plan, services.version, sources);
  if (found !== null && request.unfinished === "resume") {
    refuseOtherBasis(found.record, basis);
    if (engine.backend !== "auto") refuseOtherBackend(found.record, { kind: engine.backend, adapter: null });
    const { workspace, journal } = await ExportWorkspace.reopen(outputPath, plan.output, found.record);
    return { workspace, sources, done: journal.done, notices };
  }
  if (plannedReadBytes(plan) >= leastTrialBytes) {
    const work = { pass: "merge", plan } as const;
    await engine.tryBackends({ work, sources: catalog.sourceFiles(plan) }, signal);
  }
  const { kind, adapter } = await engine.ready();
  signal.throwIfAborted();
  const backend: ExportBackend = { kind: kind ?? "cpu", adapter: adapter ?? "" };
  const workspace = await watched("lay out", { bytes: plan.output.byteLength }, () =>
    ExportWorkspace.create(outputPath, plan.output, basis, backend),
  );
  return { workspace, sources, done: [], notices };
}

/** Hours of work are not thrown away unasked. */
function refuseUnfinished(
  { unfinished, overwrite, outputPath }: MergeJobRequest,
  found: { readonly record: ExportRecord; readonly bytesWritten: number } | null,
): void {
  if (found === null || found.bytesWritten === 0 || unfinished !== "refuse" || overwrite) return;
  const { bytesToWrite, startedAt } = found.record;
  throw new StudioError({
    code: "output-exists",
    what: "An unfinished export is there",
    where: outputPath,
    actual: `${found.bytesWritten} of ${bytesToWrite} bytes, begun ${startedAt}`,
    advice: "Go on with it (--resume), or start over (--overwrite)",
  });
}
