import { basename } from "node:path";
import { shownText } from "../../src-core/checkpoint/quote.ts";
import type { ChangedOnDisk } from "../api/recipes.ts";
import type { Catalog, CatalogEntry } from "../checkpoints/catalog.ts";
import type { RecipeDocuments } from "../recipes/recipe-documents.ts";

/** Looks whether what a window has open is still on disk as it was opened: by size and time of change of each file, and the recipe's text. */
export class DiskCheck {
  readonly #catalog: Catalog;
  readonly #recipes: RecipeDocuments;
  readonly #onChanged: (changed: ChangedOnDisk) => void;
  /** A disk of the network may take its time: the next look waits for it. */
  #isLooking = false;
  /** Which opening of which model, and which state of the recipe's file: each is told once. */
  #told = "";
  readonly #openings = new WeakMap<CatalogEntry, number>();
  #openingCount = 0;

  constructor(catalog: Catalog, recipes: RecipeDocuments, onChanged: (changed: ChangedOnDisk) => void) {
    this.#catalog = catalog;
    this.#recipes = recipes;
    this.#onChanged = onChanged;
  }

  /** Tells where it is another than was told last. */
  async look(documentId: string | null): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      const entries = await this.#catalog.changed();
      const recipe = documentId === null ? null : await this.#recipes.changeOf(documentId);
      const told = JSON.stringify([entries.map((entry) => this.#openingOf(entry)), documentId, recipe]);
      if (told === this.#told) return;
      this.#told = told;
      const models = entries.map(({ id, checkpoint }) => ({ id, name: shownText(basename(checkpoint.path)) }));
      this.#onChanged({ models, recipe: recipe?.kind ?? null });
    } finally {
      this.#isLooking = false;
    }
  }

  #openingOf(entry: CatalogEntry): number {
    const known = this.#openings.get(entry) ?? ++this.#openingCount;
    this.#openings.set(entry, known);
    return known;
  }
}
