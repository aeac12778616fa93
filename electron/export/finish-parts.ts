import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { StudioError } from "../../src-core/errors.ts";
import type { MergePlan } from "../../src-core/plan/merge-plan.ts";
import type { ExportResult } from "../api/exports.ts";
import type { Catalog } from "../checkpoints/catalog.ts";
import { refuseUnexecutable } from "../closed/refuse-unexecutable.ts";
import { lockExport, unlockExport } from "./export-lock.ts";
import { type ExportBasis, exportBasis, refuseOtherBackend, refuseOtherBasis } from "./export-record.ts";
import { exportResult } from "./export-result.ts";
import { outputFailure } from "./output-failure.ts";
import { checkOutput } from "./output-folder.ts";
import { hasFile, type PartRecord, partPath, partsPath, readParts } from "./part-record.ts";
import { writtenNames } from "./preflight.ts";
import { writeProvenance } from "./provenance-files.ts";
import { prepareSideFiles, type SideFiles, writeSideFiles } from "./side-files.ts";
import { recordSources, type SourceRecord } from "./source-record.ts";
import { syncFolder, syncPath } from "./sync-path.ts";
import { verifyOutput } from "./verify-output.ts";

export interface FinishRequest {
  /** Of the whole merge: the one that every part was cut from. */
  readonly plan: MergePlan;
  readonly outputPath: string;
  readonly overwrite: boolean;
}

export interface FinishServices {
  readonly catalog: Catalog;
  readonly version: string;
}

/**
 * Puts the finished parts of a merge together: their files are moved, not copied, and what goes along with them is written. Rejects with a StudioError;
 * then the parts are as they were or can be finished once more, and the output's name is as it was before.
 */
export async function finishParts(request: FinishRequest, services: FinishServices): Promise<ExportResult> {
  const startedAt = performance.now();
  const { plan, outputPath } = request;
  refuseUnexecutable(plan);
  const sideFiles = await prepareSideFiles(plan, services.catalog);
  const sources = await recordSources(plan, services.catalog);
  const parts = await readParts(outputPath);
  refuseStrangers(parts, exportBasis(plan, services.version, sources));
  await check(request, sideFiles, services.catalog);
  const folder = partsPath(outputPath);
  await lockExport(folder);
  try {
    const assembled = await gather(plan, outputPath, parts);
    const result = await complete(request, services, { assembled, sideFiles, sources, parts, startedAt });
    await giveName(assembled, outputPath, folder);
    return { ...result, seconds: (performance.now() - startedAt) / 1000 };
  } catch (error) {
    await unlockExport(folder).catch(() => undefined);
    throw outputFailure(error, "The parts cannot be put together", folder);
  }
}

/** Parts of another merge, or of devices that may round differently, would make no one's model. */
function refuseStrangers(parts: readonly PartRecord[], basis: ExportBasis): void {
  const computed = parts.filter(({ files }) => files.length > 0);
  for (const part of parts) refuseOtherBasis(part.basis, basis);
  for (const part of computed) refuseOtherBackend(part, computed[0]?.backend ?? part.backend);
}

async function check(
  { plan, outputPath, overwrite }: FinishRequest,
  sideFiles: SideFiles,
  catalog: Catalog,
): Promise<void> {
  await checkOutput({
    path: outputPath,
    overwrite,
    byteLength: 0,
    allocatedBytes: 0,
    fileLengths: plan.output.files.map(({ byteLength }) => byteLength),
    names: writtenNames(plan, sideFiles),
    sourcePaths: plan.sources.map(({ checkpoint }) => catalog.get(checkpoint).folder.realFolderPath),
    sourceFileCount: plan.sources.reduce((sum, { files }) => sum + files.length, 0),
  });
}

/** Moves the parts' files into one folder; one that an earlier try has moved stays there. */
async function gather(plan: MergePlan, output: string, parts: readonly PartRecord[]): Promise<string> {
  const assembled = join(partsPath(output), "model");
  await mkdir(assembled, { recursive: true });
  for (const part of parts) {
    for (const { name } of part.files) {
      const file = plan.output.files.find((each) => each.name === name);
      const [from, to] = [join(partPath(output, part), name), join(assembled, name)];
      if (file === undefined) continue;
      if (await hasFile(from, file)) await rename(from, to);
      else if (!(await hasFile(to, file))) throw lostFile(from, file.byteLength);
    }
  }
  for (const file of plan.output.files) {
    const path = join(assembled, file.name);
    if (!(await hasFile(path, file))) throw lostFile(path, file.byteLength);
  }
  return assembled;
}

interface Assembly {
  readonly assembled: string;
  readonly sideFiles: SideFiles;
  readonly sources: readonly SourceRecord[];
  readonly parts: readonly PartRecord[];
  readonly startedAt: number;
}

async function complete(
  { plan, outputPath }: FinishRequest,
  { catalog, version }: FinishServices,
  { assembled, sideFiles, sources, parts, startedAt }: Assembly,
): Promise<ExportResult> {
  const { indexJson } = plan.output;
  if (indexJson !== null) await writeFile(join(assembled, "model.safetensors.index.json"), indexJson);
  await writeSideFiles(sideFiles, assembled);
  const verified = await verifyOutput(plan, assembled, catalog);
  const computed = parts.find(({ files }) => files.length > 0) ?? parts[0];
  if (computed === undefined) throw new Error("no part");
  const total = (key: "bytesRead" | "bytesWritten") => parts.reduce((sum, part) => sum + part[key], 0);
  const hashes = new Map(parts.flatMap(({ files }) => files.map(({ name, sha256 }) => [name, sha256] as const)));
  const outcome = { bytesRead: total("bytesRead"), bytesWritten: total("bytesWritten"), newNonFinite: [] };
  const device = { ...computed.backend, because: computed.because };
  const seconds = (performance.now() - startedAt) / 1000;
  const made = exportResult(plan, outcome, device, { verified, hashes: [], seconds });
  const found = parts.flatMap(({ problems }) =>
    problems.map((problem) => ({ ...problem, code: "output-non-finite" as const, severity: "notice" as const })),
  );
  const result: ExportResult = {
    ...made,
    out: outputPath,
    files: made.files.map((file) => ({ ...file, sha256: hashes.get(file.name) ?? null })),
    problems: [...made.problems, ...sideFiles.problems, ...found],
  };
  await writeProvenance({ plan, result, sources, catalog, version, measurements: undefined, folder: assembled });
  return result;
}

async function giveName(assembled: string, output: string, folder: string): Promise<void> {
  await syncFolder(assembled);
  const isThere = await stat(output).catch(() => null);
  if (isThere !== null) await rename(output, join(folder, "replaced"));
  await rename(assembled, output);
  await syncPath(dirname(output)).catch(() => undefined);
  // The model has its name; what cannot be removed now may be removed at any time.
  await rm(folder, { recursive: true, force: true }).catch(() => undefined);
}

function lostFile(where: string, byteLength: number): StudioError {
  return new StudioError({
    code: "parts-missing",
    what: "A file of a finished part is not there in its size",
    where,
    expected: `${byteLength} bytes`,
    advice: "Merge that part again, then --finish again",
  });
}
