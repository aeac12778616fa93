import { resolve } from "node:path";
import { StudioError } from "../../src-core/errors.ts";
import type { CheckpointSummary, SampleTriple } from "../api/models.ts";
import type { Catalog } from "../checkpoints/catalog.ts";
import type { ModelOffers } from "../models/model-offers.ts";
import { summarizeModel } from "../models/summaries.ts";
import { isSamplePath, ownSamples } from "./own-samples.ts";

/** How models get into a window: each is opened, summarised, and remembered as a recent one. */
export class WindowModels {
  readonly #catalog: Catalog;
  readonly #offers: ModelOffers;

  constructor(catalog: Catalog, offers: ModelOffers) {
    this.#catalog = catalog;
    this.#offers = offers;
  }

  /** Rejects with a StudioError. */
  async open(path: string): Promise<CheckpointSummary> {
    if (path === "")
      throw new StudioError({
        code: "checkpoint-not-found",
        what: "What was dropped is not a file or folder on this machine",
      });
    const entry = await this.#catalog.open(path);
    // The samples are a click away, and lie where nobody looks.
    if (!isSamplePath(path)) await this.#offers.remember(resolve(path));
    return summarizeModel(entry);
  }

  async openSamples(): Promise<SampleTriple> {
    const { target, chat, base } = await ownSamples();
    return { target: await this.open(target), chat: await this.open(chat), base: await this.open(base) };
  }
}
