import type { HandedModel } from "../api/models.ts";
import type { OpenedRecipe } from "../api/recipes.ts";
import type { ModelOffers } from "../models/model-offers.ts";
import type { RecipeDocuments } from "../recipes/recipe-documents.ts";
import type { KeptRecipe } from "./unsaved-recipes.ts";

/** The page says what it shows a moment after it has it. */
const settleMs = 1000;

/** What the system handed over for one window, until its page takes it. */
export class Handed {
  readonly #recipes: RecipeDocuments;
  readonly #offers: ModelOffers;
  #recipe: string | null = null;
  #unsaved: KeptRecipe | null = null;
  #models: readonly string[] = [];
  /** Taken, and not yet to be seen. */
  #settling = 0;

  constructor(recipes: RecipeDocuments, offers: ModelOffers) {
    this.#recipes = recipes;
    this.#offers = offers;
  }

  /** The page has still to take something. */
  get isWaiting(): boolean {
    return this.#recipe !== null || this.#unsaved !== null || this.#models.length > 0;
  }

  /** What the window shows is about to be something else. */
  get isComing(): boolean {
    return this.isWaiting || this.#settling > 0;
  }

  /** @param path absolute */
  recipe(path: string): void {
    this.#recipe = path;
  }

  /** A recipe that is brought back. */
  unsaved(kept: KeptRecipe): void {
    this.#unsaved = kept;
  }

  /** @param paths absolute, of folders or files */
  models(paths: readonly string[]): void {
    this.#models = [...new Set([...this.#models, ...paths])];
  }

  /** Once; null when there is none. Rejects with a StudioError. */
  async takeRecipe(): Promise<OpenedRecipe | null> {
    const [path, kept] = [this.#recipe, this.#unsaved];
    this.#recipe = null;
    this.#unsaved = null;
    if (path === null && kept === null) return null;
    this.#settling++;
    try {
      if (path !== null) return await this.#recipes.open(path);
      return kept === null ? null : await this.#recipes.restore(kept, kept.name);
    } finally {
      this.#settle();
    }
  }

  /** Each once. They are opened as offered ones are. */
  takeModels(): readonly HandedModel[] {
    const models = this.#models;
    this.#models = [];
    if (models.length > 0) {
      this.#settling++;
      this.#settle();
    }
    return models.map((path) => this.#offers.offer(path));
  }

  #settle(): void {
    setTimeout(() => this.#settling--, settleMs).unref();
  }
}
