import type { HandedModel, OpenedRecipe } from "../api.ts";
import type { ModelOffers } from "../model-offers.ts";
import type { RecipeDocuments } from "../recipe-documents.ts";

/** The page says what it shows a moment after it has it. */
const settleMs = 1000;

/** What the system handed over for one window, until its page takes it. */
export class Handed {
  readonly #recipes: RecipeDocuments;
  readonly #offers: ModelOffers;
  #recipe: string | null = null;
  #models: readonly string[] = [];
  /** Taken, and not yet to be seen. */
  #settling = 0;

  constructor(recipes: RecipeDocuments, offers: ModelOffers) {
    this.#recipes = recipes;
    this.#offers = offers;
  }

  /** The page has still to take something. */
  get isWaiting(): boolean {
    return this.#recipe !== null || this.#models.length > 0;
  }

  /** What the window shows is about to be something else. */
  get isComing(): boolean {
    return this.isWaiting || this.#settling > 0;
  }

  /** @param path absolute */
  recipe(path: string): void {
    this.#recipe = path;
  }

  /** @param paths absolute, of folders or files */
  models(paths: readonly string[]): void {
    this.#models = [...new Set([...this.#models, ...paths])];
  }

  /** Once; null when there is none. Rejects with a StudioError. */
  async takeRecipe(): Promise<OpenedRecipe | null> {
    const path = this.#recipe;
    this.#recipe = null;
    if (path === null) return null;
    this.#settling++;
    return await this.#recipes.open(path).finally(() => this.#settle());
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
