import { resolve } from "node:path";
import type { Recipe } from "../../src-core/recipe/recipe.ts";
import type { Catalog, CatalogEntry } from "../checkpoints/catalog.ts";
import { locateModel } from "../models/hugging-face-cache.ts";

/** Opens checkpoints by path or id; the same one twice is the same checkpoint. */
export class OpenOnce {
  readonly #catalog: Catalog;
  readonly #entries = new Map<string, Promise<CatalogEntry>>();

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  async open(reference: string): Promise<CatalogEntry> {
    const path = resolve(await locateModel(reference));
    const entry = this.#entries.get(path) ?? this.#catalog.open(path);
    this.#entries.set(path, entry);
    return entry;
  }

  /** The recipe with ids of opened checkpoints in place of paths. */
  async openAll(recipe: Recipe): Promise<Recipe> {
    const idOf = async (reference: string) => (await this.open(reference)).id;
    const target = await idOf(recipe.target);
    const vectors: Recipe["vectors"] = [];
    for (const vector of recipe.vectors) {
      vectors.push({ ...vector, chat: await idOf(vector.chat), base: await idOf(vector.base) });
    }
    return { ...recipe, target, vectors };
  }
}
