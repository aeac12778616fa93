import type { FileRange } from "../../src-core/engine/file-ranges.ts";
import type { Watched } from "../../src-core/engine/trace.ts";
import type { MergePlan } from "../../src-core/plan/merge-plan.ts";
import type { Problem } from "../../src-core/plan/problem.ts";
import type { ExportResult } from "../api/exports.ts";
import { filesToStream } from "../checkpoints/planned-reading.ts";
import { exportBasis } from "./export-record.ts";
import { exportResult } from "./export-result.ts";
import type { ExportWorkspace } from "./export-workspace.ts";
import type { MergeJobCallbacks, MergeJobRequest } from "./merge-job-request.ts";
import { MergeRun } from "./merge-run.ts";
import type { MergeJobServices } from "./merge-services.ts";
import { OutputProof } from "./output-proof.ts";
import { writePartRecord } from "./part-record.ts";
import { writeProvenance } from "./provenance-files.ts";
import { type SideFiles, writeSideFiles } from "./side-files.ts";
import { type SourceRecord, withWholeHashes } from "./source-record.ts";

type ExportWorkCallbacks = MergeJobCallbacks & { readonly watched: Watched };

/** For measuring what hashing and recording cost: leaves both out, and with them the way to go on with it. */
const isBare = () => process.env.CHAT_VECTOR_BARE_EXPORT === "1";

/** Merges into a workspace, and sees to it that what is written is what was meant. */
export class ExportWork {
  readonly #plan: MergePlan;
  readonly #tracePath: string | undefined;
  readonly #part: MergeJobRequest["part"];
  readonly #hashesSources: boolean;
  readonly #workspace: ExportWorkspace;
  readonly #sources: readonly SourceRecord[];
  readonly #services: MergeJobServices;
  readonly #callbacks: ExportWorkCallbacks;

  constructor(
    { plan, tracePath, part, hashSources = false }: MergeJobRequest,
    workspace: ExportWorkspace,
    sources: readonly SourceRecord[],
    services: MergeJobServices,
    callbacks: ExportWorkCallbacks,
  ) {
    this.#plan = plan;
    this.#tracePath = tracePath;
    this.#part = part;
    this.#hashesSources = hashSources;
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
    const { signal, watched } = this.#callbacks;
    const proof = new OutputProof({ plan, workspace, catalog }, { hashes: !isBare(), wanted: signal, watched });
    try {
      const outcome = await new MergeRun(
        {
          plan,
          sources: await filesToStream(plan, catalog),
          workspace,
          engine,
          follower: proof.follower,
          followed: proof.followed,
          done,
          isRecorded: !isBare(),
          tracePath: this.#tracePath,
        },
        { ...this.#callbacks, signal: proof.signal },
      ).run();
      await proof.refuseChangedSources();
      this.#callbacks.onPhase("verifying");
      await watched("headers", {}, async () => {
        await workspace.writeHeaders();
        await writeSideFiles(sideFiles, workspace.modelPath);
      });
      const { verified, hashes } = await proof.finish();
      const { because } = await engine.ready();
      const { backend } = workspace.record;
      const seconds = (performance.now() - startedAt) / 1000;
      const result = exportResult(plan, outcome, { ...backend, because: because ?? "" }, { verified, hashes, seconds });
      const named = {
        ...result,
        out: workspace.record.output,
        problems: [...notices, ...sideFiles.problems, ...result.problems],
      };
      await watched("record", {}, () => this.#writeRecord(named));
      return named;
    } finally {
      await proof.stop();
    }
  }

  async #writeRecord(result: ExportResult): Promise<void> {
    const { catalog, version, measurements } = this.#services;
    const folder = this.#workspace.modelPath;
    const [plan, part] = [this.#plan, this.#part];
    const sources = this.#hashesSources
      ? await withWholeHashes(this.#sources, plan, catalog, this.#callbacks.signal)
      : this.#sources;
    if (part === undefined) await writeProvenance({ plan, result, sources, catalog, version, measurements, folder });
    else await writePartRecord(folder, part, exportBasis(part.whole, version, sources), result);
  }
}
