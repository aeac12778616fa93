import { mkdir } from "node:fs/promises";
import type { FileRange } from "../src-core/engine/file-ranges.ts";
import type { MergeProgress } from "../src-core/engine/merge-pipeline.ts";
import { plannedReadBytes } from "../src-core/engine/planned-bytes.ts";
import { allSettledOrThrow } from "../src-core/engine/read-all.ts";
import { StudioError } from "../src-core/errors.ts";
import { leastTrialBytes } from "../src-core/limits.ts";
import type { MergePlan } from "../src-core/plan/merge-plan.ts";
import { type Part, partPlan } from "../src-core/plan/part-plan.ts";
import type { Problem } from "../src-core/plan/problem.ts";
import type { ExportResult } from "./api.ts";
import type { Catalog } from "./catalog.ts";
import type { EngineProcess } from "./engine-process.ts";
import {
  type ExportBackend,
  type ExportRecord,
  exportBasis,
  refuseOtherBackend,
  refuseOtherBasis,
} from "./export/export-record.ts";
import { exportResult } from "./export/export-result.ts";
import { allocatedBytes, ExportWorkspace, findUnfinished } from "./export/export-workspace.ts";
import { Interruption } from "./export/interruption.ts";
import { type MergeEngine, MergeRun } from "./export/merge-run.ts";
import { OutputHasher } from "./export/output-hasher.ts";
import { partPath, partsPath, writePartRecord } from "./export/part-record.ts";
import type { PauseSwitch } from "./export/pause-switch.ts";
import { writeProvenance } from "./export/provenance-files.ts";
import { recordSources, type SourceRecord } from "./export/source-record.ts";
import { outputFailure } from "./output-failure.ts";
import { checkOutput } from "./output-folder.ts";
import { refuseUnexecutable } from "./refuse-unexecutable.ts";
import { prepareSideFiles, type SideFiles, writeSideFiles } from "./side-files.ts";
import { verifyOutput } from "./verify-output.ts";

export interface MergeJobRequest {
  readonly plan: MergePlan;
  readonly outputPath: string;
  /** A finished export of that name may be replaced. */
  readonly overwrite: boolean;
  /** A file to take down in when what happened. */
  readonly tracePath?: string;
  /** What becomes of an unfinished one. */
  readonly unfinished: "resume" | "replace" | "refuse";
  /** Where the plan is a part of another one (part-plan.ts): what is written are its files, and no model. */
  readonly part?: Part & { readonly whole: MergePlan };
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

export interface MergeJobCallbacks {
  readonly signal: AbortSignal;
  readonly pause: PauseSwitch;
  readonly onPhase: (phase: "preparing" | "merging" | "paused" | "verifying") => void;
  readonly onProgress: (progress: MergeProgress) => void;
}

/** What a merge needs to run, whichever window or command asked for it. */
export interface MergeServices {
  readonly catalog: Catalog;
  readonly engine: EngineProcess;
  readonly version: string;
}

export type MergeJobServices = Omit<MergeServices, "engine"> & { readonly engine: MergeEngine };

/** For measuring what hashing and recording cost: leaves both out, and with them the way to go on with it. */
const isBare = () => process.env.CHAT_VECTOR_BARE_EXPORT === "1";

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
  const backendBefore = services.engine.backend;
  const sideFiles =
    request.part === undefined ? await prepareSideFiles(request.plan, services.catalog) : { files: [], problems: [] };
  const { workspace, sources, done, notices } = await prepare(request, services, callbacks.signal);
  try {
    const job = new MergeJob(request, workspace, sources, services, callbacks);
    const result = await job.run(done, sideFiles, notices, startedAt);
    callbacks.signal.throwIfAborted();
    await workspace.finish();
    return { ...result, seconds: (performance.now() - startedAt) / 1000 };
  } catch (error) {
    throw await leaveBehind(workspace, error);
  } finally {
    services.engine.backend = backendBefore;
  }
}

interface Prepared {
  readonly workspace: ExportWorkspace;
  readonly sources: readonly SourceRecord[];
  readonly done: readonly FileRange[];
  readonly notices: readonly Problem[];
}

async function prepare(request: MergeJobRequest, services: MergeJobServices, signal: AbortSignal): Promise<Prepared> {
  const { plan, outputPath, overwrite } = request;
  const { catalog, engine } = services;
  const folders = plan.sources.map(({ checkpoint }) => catalog.get(checkpoint).folder);
  const found = await findUnfinished(outputPath);
  const notices = await checkOutput({
    path: outputPath,
    overwrite,
    byteLength: plan.output.byteLength,
    allocatedBytes: found === null ? 0 : await allocatedBytes(outputPath, plan.output),
    fileLengths: plan.output.files.map(({ byteLength }) => byteLength),
    names: plan.output.files.map(({ name }) => name),
    sourcePaths: folders.map(({ realFolderPath }) => realFolderPath),
    sourceFileCount: plan.sources.reduce((sum, { files }) => sum + files.length, 0),
  });
  refuseUnfinished(request, found);
  const sources = await recordSources(plan, catalog);
  const basis = exportBasis(plan, services.version, sources);
  if (found !== null && request.unfinished === "resume") {
    refuseOtherBasis(found.record, basis);
    if (engine.backend !== "auto") refuseOtherBackend(found.record, { kind: engine.backend, adapter: null });
    const { workspace, journal } = await ExportWorkspace.reopen(outputPath, plan.output, found.record);
    if (engine.backend === "auto") engine.insistOn(found.record.backend.kind);
    return { workspace, sources, done: journal.done, notices };
  }
  if (plannedReadBytes(plan) >= leastTrialBytes) {
    const work = { pass: "merge", plan } as const;
    await engine.tryBackends({ work, sources: catalog.sourceFiles(plan) }, signal);
  }
  const { kind, adapter } = await engine.ready();
  signal.throwIfAborted();
  const backend: ExportBackend = { kind: kind ?? "cpu", adapter: adapter ?? "" };
  const workspace = await ExportWorkspace.create(outputPath, plan.output, basis, backend);
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

class MergeJob {
  readonly #plan: MergePlan;
  readonly #tracePath: string | undefined;
  readonly #part: MergeJobRequest["part"];
  readonly #workspace: ExportWorkspace;
  readonly #sources: readonly SourceRecord[];
  readonly #services: MergeJobServices;
  readonly #callbacks: MergeJobCallbacks;

  constructor(
    { plan, tracePath, part }: MergeJobRequest,
    workspace: ExportWorkspace,
    sources: readonly SourceRecord[],
    services: MergeJobServices,
    callbacks: MergeJobCallbacks,
  ) {
    this.#plan = plan;
    this.#tracePath = tracePath;
    this.#part = part;
    this.#workspace = workspace;
    this.#sources = sources;
    this.#services = services;
    this.#callbacks = callbacks;
  }

  /** Everything but the last step. */
  async run(
    done: readonly FileRange[],
    sideFiles: SideFiles,
    notices: readonly Problem[],
    startedAt: number,
  ): Promise<ExportResult> {
    const { catalog, engine } = this.#services;
    const plan = this.#plan;
    const workspace = this.#workspace;
    const files = plan.output.files.map((file, index) => ({ ...file, path: workspace.filePaths[index] ?? "" }));
    const hasher = isBare() ? null : new OutputHasher(files);
    try {
      const outcome = await new MergeRun(
        {
          plan,
          sources: catalog.sourceFiles(plan),
          workspace,
          engine,
          hasher,
          done,
          isRecorded: !isBare(),
          tracePath: this.#tracePath,
        },
        this.#callbacks,
      ).run();
      this.#refuseChangedSources();
      this.#callbacks.onPhase("verifying");
      await workspace.writeHeaders();
      await writeSideFiles(sideFiles, workspace.modelPath);
      const { verified, hashes } = await this.#prove(hasher);
      const { because } = await engine.ready();
      const { backend } = workspace.record;
      const seconds = (performance.now() - startedAt) / 1000;
      const result = exportResult(plan, outcome, { ...backend, because: because ?? "" }, { verified, hashes, seconds });
      const named = {
        ...result,
        out: workspace.record.output,
        problems: [...notices, ...sideFiles.problems, ...result.problems],
      };
      await this.#writeRecord(named);
      return named;
    } finally {
      await hasher?.stop();
    }
  }

  async #writeRecord(result: ExportResult): Promise<void> {
    const { catalog, version } = this.#services;
    const folder = this.#workspace.modelPath;
    const [plan, sources, part] = [this.#plan, this.#sources, this.#part];
    if (part === undefined) await writeProvenance({ plan, result, sources, catalog, version, folder });
    else await writePartRecord(folder, part, exportBasis(part.whole, version, sources), result);
  }

  /** The disk takes what was written while it is hashed and recomputed: neither waits for the other. */
  async #prove(hasher: OutputHasher | null) {
    let verified = { samples: 0, mismatches: 0 };
    let hashes: readonly string[] | null = null;
    await allSettledOrThrow([
      this.#workspace.sync(),
      verifyOutput(this.#plan, this.#workspace.modelPath, this.#services.catalog).then((verification) => {
        verified = verification;
      }),
      (async () => {
        hashes = (await hasher?.finish()) ?? null;
      })(),
    ]);
    return { verified, hashes: hashes as readonly string[] | null };
  }

  /** A model that was changed while it was read may have been read half before and half after. */
  #refuseChangedSources(): void {
    for (const { checkpoint } of this.#plan.sources) {
      const name = this.#services.catalog.get(checkpoint).folder.firstChangedFile();
      if (name === null) continue;
      throw new StudioError({
        code: "checkpoint-changed",
        what: "A model was changed while it was read",
        where: name,
        advice: "Wait until whatever writes it is done, then export again",
      });
    }
  }
}

/** Keeps what can be gone on with, and says so; removes the rest. Returns the error to throw. */
async function leaveBehind(workspace: ExportWorkspace, error: unknown): Promise<unknown> {
  const { done } = await workspace.journal().catch(() => ({ done: [] }));
  if (done.length === 0 || !isWorthKeeping(error)) {
    await workspace.discard();
    return error;
  }
  const said = error instanceof StudioError ? error.failure : null;
  // Else: should the machine be switched off before it goes on. What failed may well fail this too.
  const keep = said?.code === "write-failed" ? workspace.distrust() : workspace.sync();
  await keep.catch(() => undefined);
  await workspace.release().catch(() => undefined);
  if (said === null) return error;
  const advice = [said.advice, "What was written is kept: go on with it by Resume, or --resume on the command line"];
  return new StudioError({ ...said, advice: advice.filter(Boolean).join(". ") }, { cause: error });
}

function isWorthKeeping(error: unknown): boolean {
  if (error instanceof Interruption) return error.keepsWritten;
  // What was written is wrong, or of models that are no more.
  return !(error instanceof StudioError && ["verification-failed", "checkpoint-changed"].includes(error.failure.code));
}
