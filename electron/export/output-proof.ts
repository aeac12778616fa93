import { allSettledOrThrow } from "../../src-core/engine/read-all.ts";
import type { Watched } from "../../src-core/engine/trace.ts";
import { StudioError } from "../../src-core/errors.ts";
import type { MergePlan } from "../../src-core/plan/merge-plan.ts";
import type { Catalog } from "../checkpoints/catalog.ts";
import { FollowedBytes } from "../engine/followed-bytes.ts";
import { Stop } from "../engine/stop.ts";
import type { ExportWorkspace } from "./export-workspace.ts";
import { OutputFollower } from "./output-follower.ts";
import { type OutputVerification, readHeaders, recomputeSamples } from "./verify-output.ts";

/** What is found out about an output while it is written: that it is what was meant, and its SHA-256. */
export class OutputProof {
  readonly follower: OutputFollower;
  /** How far the writing is followed. */
  readonly followed = new FollowedBytes();
  readonly #plan: MergePlan;
  readonly #workspace: ExportWorkspace;
  readonly #catalog: Catalog;
  readonly #stop: Stop;
  readonly #watched: Watched;
  readonly #verifying: Promise<OutputVerification>;

  /** Begins at once. `wanted` is the signal of whoever may want it to end. */
  constructor(
    given: { readonly plan: MergePlan; readonly workspace: ExportWorkspace; readonly catalog: Catalog },
    options: { readonly hashes: boolean; readonly wanted: AbortSignal; readonly watched: Watched },
  ) {
    const { hashes, wanted, watched } = options;
    this.#watched = watched;
    const { plan, workspace, catalog } = given;
    this.#plan = plan;
    this.#workspace = workspace;
    this.#catalog = catalog;
    this.#stop = new Stop(wanted);
    const files = plan.output.files.map((file, index) => ({ ...file, path: workspace.filePaths[index] ?? "" }));
    this.follower = new OutputFollower(files, {
      hashes,
      watched,
      onFollowed: (bytes) => this.followed.set(bytes),
      onFailure: (error) => this.#stop.because(error),
    });
    this.#verifying = this.#verify();
    // A file that cannot be read is told of by who writes or follows it, or in the end.
    this.#verifying.catch((error: unknown) => {
      if (isWrong(error)) this.#stop.because(error);
    });
  }

  /** Aborts when it is wanted, and when what is written turns out to be wrong: nobody has to wait for the rest then. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** When all is written, with its headers: what is left, while the disk takes the rest. Rejects with a StudioError. */
  async finish(): Promise<{ readonly verified: OutputVerification; readonly hashes: readonly (string | null)[] }> {
    let verified: OutputVerification = { samples: 0, mismatches: 0 };
    let hashes: readonly (string | null)[] = [];
    const following = this.follower.finish();
    await allSettledOrThrow([
      this.#watched("sync", {}, () => this.#workspace.sync(() => following)),
      readHeaders(this.#plan, this.#workspace.modelPath),
      this.#watched("prove", {}, async () => {
        hashes = await following;
        verified = await this.#verifying;
      }),
    ]);
    return { verified, hashes };
  }

  /** Resolves when nothing reads any more. */
  async stop(): Promise<void> {
    this.#stop.end();
    await this.follower.stop();
    // The disk has told of it: whoever asks it again, as who keeps what is written does, would hear nothing.
    if (this.follower.failure !== null) await this.#workspace.distrust().catch(() => undefined);
    await this.#verifying.catch(() => undefined);
  }

  /** Rejects with `checkpoint-changed`: a model that was changed while it was read may have been read half before and half after. */
  async refuseChangedSources(): Promise<void> {
    for (const { checkpoint } of this.#plan.sources) {
      const name = await this.#catalog.get(checkpoint).folder.firstChangedFile();
      if (name === null) continue;
      throw new StudioError({
        code: "checkpoint-changed",
        what: "A model was changed while it was read",
        where: name,
        advice: "Wait until whatever writes it is done, then export again",
      });
    }
  }

  /** Elements are recomputed while others are still being merged. */
  async #verify(): Promise<OutputVerification> {
    const written = (file: number, end: number) => this.follower.reached(file, end);
    try {
      return await recomputeSamples(this.#plan, this.#workspace.modelPath, this.#catalog, written);
    } catch (error) {
      // Of changed models other elements come out: then it is not the output that is wrong.
      if (isWrong(error)) await this.refuseChangedSources();
      throw error;
    }
  }
}

function isWrong(error: unknown): boolean {
  return error instanceof StudioError && ["verification-failed", "checkpoint-changed"].includes(error.failure.code);
}
