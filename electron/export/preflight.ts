import type { MergePlan } from "../../src-core/plan/merge-plan.ts";
import type { Problem } from "../../src-core/plan/problem.ts";
import {
  modelCardName,
  normsFigureName,
  provenanceName,
  provenanceRecipeName,
} from "../../src-core/provenance/provenance.ts";
import type { Catalog } from "../checkpoints/catalog.ts";
import { refuseUnexecutable } from "../closed/refuse-unexecutable.ts";
import type { MergeJobRequest } from "./merge-job-request.ts";
import { checkOutput } from "./output-folder.ts";
import { prepareSideFiles, type SideFiles } from "./side-files.ts";
import { allocatedBytes, findUnfinished } from "./unfinished-export.ts";

type PreflightRequest = Pick<MergeJobRequest, "plan" | "outputPath" | "overwrite">;

/**
 * What can be known before an export starts: everything that would make it fail later is asked of the output's place. Resolves with what the
 * user should know; rejects with a StudioError.
 */
export async function preflight(request: PreflightRequest, catalog: Catalog): Promise<readonly Problem[]> {
  refuseUnexecutable(request.plan);
  const sideFiles = await prepareSideFiles(request.plan, catalog);
  return [...(await checkPlace(request, sideFiles, catalog)), ...sideFiles.problems];
}

/** The part of it that is about where the files go. Rejects with a StudioError. */
export async function checkPlace(
  { plan, outputPath, overwrite }: PreflightRequest,
  sideFiles: SideFiles,
  catalog: Catalog,
): Promise<readonly Problem[]> {
  const folders = plan.sources.map(({ checkpoint }) => catalog.get(checkpoint).folder);
  const found = await findUnfinished(outputPath);
  return await checkOutput({
    path: outputPath,
    overwrite,
    byteLength: plan.output.byteLength,
    allocatedBytes: found === null ? 0 : await allocatedBytes(outputPath, plan.output),
    fileLengths: plan.output.files.map(({ byteLength }) => byteLength),
    names: writtenNames(plan, sideFiles),
    sourcePaths: folders.map(({ realFolderPath }) => realFolderPath),
    sourceFileCount: plan.sources.reduce((sum, { files }) => sum + files.length, 0),
  });
}

/** Every file of a finished export. */
export function writtenNames({ output }: MergePlan, { files }: SideFiles): string[] {
  return [
    ...output.files.map(({ name }) => name),
    ...(output.indexJson === null ? [] : ["model.safetensors.index.json"]),
    ...files.map(({ name }) => name),
    ...[provenanceRecipeName, provenanceName, modelCardName, normsFigureName],
  ];
}
