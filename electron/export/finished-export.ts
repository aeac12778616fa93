import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { MergePlan } from "../../src-core/plan/merge-plan.ts";
import type { Problem } from "../../src-core/plan/problem.ts";
import type { Provenance } from "../../src-core/provenance/provenance.ts";
import type { ExportResult } from "../api/exports.ts";
import { type ExportBasis, exportBasis, recipeByPlace, refuseOtherBasis } from "./export-record.ts";
import { layoutDifference } from "./layout-difference.ts";
import type { MergeJobRequest } from "./merge-job-request.ts";
import type { MergeJobServices } from "./merge-services.ts";
import { hasFile, type PartRecord, readPart } from "./part-record.ts";
import { readProvenance } from "./read-provenance.ts";
import { recordSources, sourceDifference } from "./source-record.ts";

/**
 * The result of an export that is to go on but is finished already: the very same merge, of models that are what they were, its files there in
 * their sizes with their headers (`verify` checks more). Null when there is no such export.
 */
export async function findFinished(
  { plan, outputPath, part, unfinished, overwrite }: MergeJobRequest,
  { catalog, version }: MergeJobServices,
): Promise<ExportResult | null> {
  if (unfinished !== "resume" || overwrite || !(await isFolder(outputPath))) return null;
  const basis = exportBasis(part?.whole ?? plan, version, await recordSources(part?.whole ?? plan, catalog));
  return part === undefined
    ? await finishedModel(plan, outputPath, basis)
    : await finishedPart(plan, outputPath, part, basis);
}

async function finishedModel(plan: MergePlan, folder: string, basis: ExportBasis): Promise<ExportResult | null> {
  const made = await readProvenance(folder).catch(() => null);
  if (made === null || made.plan !== basis.plan || !hasSameModels(made, basis)) return null;
  if (!(await hasLayout(plan, folder)) || (await layoutDifference(folder, plan, made)) !== null) return null;
  for (const { name } of made.others) if ((await stat(join(folder, name)).catch(() => null)) === null) return null;
  const { backend, adapter, because, seconds, at } = made.made;
  const { bytesRead, bytesWritten, files, verified, tensors } = made;
  return {
    ...{ out: folder, finishedAt: at, backend, adapter, because, seconds, bytesRead, bytesWritten, files, verified },
    tensors: { merged: tensors.merged, copied: tensors.copied },
    problems: made.problems.map((problem) => ({ ...problem, code: problem.code as Problem["code"] })),
  };
}

/** And the same recipe: what becomes of tokenizer and template stands nowhere else. */
function hasSameModels({ sources, recipe }: Provenance, basis: ExportBasis): boolean {
  const paths = sources.map(({ path }) => path);
  if (sources.length !== basis.sources.length || recipeByPlace(recipe, paths) !== basis.recipe) return false;
  return basis.sources.every((now, index) => {
    const before = sources[index];
    return before !== undefined && sourceDifference(before, now, { timesCount: false }) === null;
  });
}

async function finishedPart(
  plan: MergePlan,
  folder: string,
  part: NonNullable<MergeJobRequest["part"]>,
  basis: ExportBasis,
): Promise<ExportResult | null> {
  const made = await readPart(folder, part).catch(() => null);
  if (made === null || !isOfBasis(made, basis) || !(await hasLayout(plan, folder))) return null;
  const { backend, because, seconds, bytesRead, bytesWritten, files, problems, finishedAt } = made;
  return {
    ...{ out: folder, finishedAt, backend: backend.kind, adapter: backend.adapter, because, seconds, files },
    ...{ bytesRead, bytesWritten, tensors: made.tensors, verified: made.verified },
    problems: problems.map((problem) => ({ ...problem, code: "output-non-finite", severity: "notice" })),
  };
}

function isOfBasis(made: PartRecord, basis: ExportBasis): boolean {
  try {
    refuseOtherBasis(made.basis, basis);
    return true;
  } catch {
    return false;
  }
}

async function hasLayout({ output }: MergePlan, folder: string): Promise<boolean> {
  for (const file of output.files) if (!(await hasFile(join(folder, file.name), file))) return false;
  return true;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() === true;
}
