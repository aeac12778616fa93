import { randomUUID } from "node:crypto";
import { realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { shownText } from "../../src-core/checkpoint/quote.ts";
import { StudioError } from "../../src-core/errors.ts";
import { type BaseHint, baseHints } from "../../src-core/kinship/base-hints.ts";
import { isCalled } from "../../src-core/kinship/model-kinship.ts";
import { modelName } from "../../src-core/provenance/model-card.ts";
import type { HandedModel, ModelOffer, ModelPlace, PlacedModels, RecentModel } from "../api/models.ts";
import type { Catalog } from "../checkpoints/catalog.ts";
import type { CachedSnapshot } from "./cached-models.ts";
import { listPlace, modelPlaces, type Place } from "./model-places.ts";
import { readKinship } from "./read-kinship.ts";
import type { RecentPaths } from "./recent-paths.ts";

/** Offers that a person can look through at once; the surest come first. */
const maximumOfferCount = 3;

/** Models that the window may open without a dialog: recent ones, cached ones, and bases that others name. It knows them by id. */
export class ModelOffers {
  readonly #recents: RecentPaths;
  readonly #catalog: Catalog;
  readonly #modelFolders: () => readonly string[];
  readonly #places = new Map<string, Place & { readonly id: string }>();
  readonly #paths = new Map<string, string>();
  readonly #ids = new Map<string, string>();

  /** @param modelFolders to be looked in beside the Hugging Face cache */
  constructor(catalog: Catalog, recents: RecentPaths, modelFolders: () => readonly string[] = () => []) {
    this.#catalog = catalog;
    this.#recents = recents;
    this.#modelFolders = modelFolders;
  }

  async recents(): Promise<readonly RecentModel[]> {
    const recents = await this.#recents.list();
    return recents.map(({ path, missing }) => ({
      id: this.#idOf(path),
      name: shownText(modelName(path)),
      folder: shownText(dirname(path)),
      missing,
    }));
  }

  /** Lets the window open a model that the user handed over. */
  offer(path: string): HandedModel {
    return { id: this.#idOf(path), name: shownText(modelName(path)) };
  }

  async remember(path: string): Promise<void> {
    await this.#recents.add(path);
  }

  places(): readonly ModelPlace[] {
    return modelPlaces(this.#modelFolders()).map((place) => {
      const id = this.#places.get(place.folder)?.id ?? randomUUID();
      this.#places.set(place.folder, { ...place, id });
      return { ...place, id, folder: shownText(place.folder) };
    });
  }

  /** What a place holds. Rejects where its folder cannot be read, and for an id that was never told. */
  async modelsAt(placeId: string): Promise<PlacedModels> {
    const place = [...this.#places.values()].find(({ id }) => id === placeId);
    if (place === undefined)
      throw new StudioError({ code: "checkpoint-not-found", what: "This folder is no longer searched for models" });
    const { exists, models, truncated } = await listPlace(place);
    return {
      exists,
      truncated,
      models: models.map(({ path, name, revision, ...model }) => ({
        ...model,
        id: this.#idOf(path),
        name: shownText(name),
        revision: revision === null ? null : shownText(revision),
      })),
    };
  }

  /** Where an offered model lies. Throws for an id that was never offered. */
  pathOf(id: string): string {
    const path = this.#paths.get(id);
    if (path === undefined)
      throw new StudioError({
        code: "checkpoint-not-found",
        what: "This model is no longer listed",
        advice: "Choose it",
      });
    return path;
  }

  /**
   * Bases that opened models name, in their cards, configs or by their own names, and that are listed or lie beside them. Only
   * names are taken from a model's files, never a path: what a stranger's file says must not make this machine look elsewhere.
   */
  async proposeBases(ids: readonly string[]): Promise<readonly ModelOffer[]> {
    const entries = ids.map((id) => this.#catalog.get(id));
    const open = new Set(entries.map(({ folder }) => folder.realFolderPath));
    const kin = await Promise.all(
      entries.map(async (entry) => ({ name: modelName(entry.checkpoint.path), kinship: await readKinship(entry) })),
    );
    const hints = baseHints(kin);
    if (hints.length === 0) return [];
    const folders = [...new Set(entries.map(({ folder }) => dirname(folder.realFolderPath)))];
    const listed = await this.#listed();
    const offers = new Map<string, ModelOffer>();
    for (const hint of hints) {
      const found = (await findBeside(hint, folders)) ?? findListed(hint, listed);
      if (found === null || offers.has(found.path) || offers.size >= maximumOfferCount) continue;
      const realPath = await realpath(found.path).catch(() => found.path);
      if (!open.has(realPath)) offers.set(found.path, this.#offerBase(found, hint));
    }
    return [...offers.values()];
  }

  async #listed(): Promise<readonly ListedModels[]> {
    const places = modelPlaces(this.#modelFolders());
    return Promise.all(
      places.map(async (place) => {
        // Its own list says why a place cannot be read.
        const listed = await listPlace(place).catch(() => null);
        return { place: place.kind === "hugging-face" ? "cache" : "listed", models: listed?.models ?? [] } as const;
      }),
    );
  }

  #offerBase({ path, place }: Found, { because }: BaseHint): ModelOffer {
    return { id: this.#idOf(path), name: shownText(modelName(path)), place, because: shownText(because) };
  }

  #idOf(path: string): string {
    const known = this.#ids.get(path);
    if (known !== undefined) return known;
    const id = randomUUID();
    this.#ids.set(path, id);
    this.#paths.set(id, path);
    return id;
  }
}

interface ListedModels {
  readonly place: "cache" | "listed";
  readonly models: readonly CachedSnapshot[];
}

interface Found {
  readonly path: string;
  readonly place: ModelOffer["place"];
}

/** A folder of that name in one of these. */
async function findBeside({ name }: BaseHint, folders: readonly string[]): Promise<Found | null> {
  const word =
    name
      .split(/[\\/]/)
      .filter((each) => each !== "")
      .at(-1) ?? "";
  // One name inside the folder, nothing that leads out of it.
  if (word === "" || word === "." || word === ".." || basename(word) !== word || /[:\0]/.test(word)) return null;
  for (const folder of folders) {
    const path = join(folder, word);
    if (await isFolder(path)) return { path, place: "beside" };
  }
  return null;
}

/** A whole one, of several revisions that of `main`. */
function findListed({ name }: BaseHint, listed: readonly ListedModels[]): Found | null {
  for (const { place, models } of listed) {
    const found = models.filter((model) => model.problem === null && isCalled({ names: [model.name] }, name));
    const best = found.find(({ revision }) => revision === "main") ?? found[0];
    if (best !== undefined) return { path: best.path, place };
  }
  return null;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
