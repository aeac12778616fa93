import { randomUUID } from "node:crypto";
import type { Recipe } from "../../src-core/recipe/recipe.ts";
import type { RecipeDocuments } from "../recipes/recipe-documents.ts";
import type { UnsavedRecipes } from "./unsaved-recipes.ts";

/** The page's word of what a crash would lose, as main has checked it. */
export interface ToKeep {
  readonly name: string;
  readonly recipe: Recipe;
  readonly documentId: string | null;
}

/** Keeps the unsaved recipe of one window in its file, one write after the other. */
export class RecipeKeeper {
  readonly #unsaved: UnsavedRecipes;
  readonly #recipes: RecipeDocuments;
  #id = randomUUID() as string;
  #work: Promise<void> = Promise.resolve();
  #isOver = false;

  constructor(unsaved: UnsavedRecipes, recipes: RecipeDocuments) {
    this.#unsaved = unsaved;
    this.#recipes = recipes;
  }

  /** Null: there is nothing that a crash would lose. */
  keep(toKeep: ToKeep | null): Promise<void> {
    return this.#next(async () => {
      if (this.#isOver) return;
      if (toKeep === null) return this.#unsaved.discard(this.#id);
      const { name, recipe, documentId } = toKeep;
      const snapshot = await this.#recipes.snapshot(recipe, documentId);
      await this.#unsaved.keep(this.#id, { name, keptMs: Date.now(), ...snapshot });
    });
  }

  /** The recipe was brought back here: its file is this window's from now on. */
  adopt(id: string): Promise<void> {
    return this.#next(async () => {
      await this.#unsaved.discard(this.#id);
      this.#id = id;
    });
  }

  /** The page has crashed: what it had is offered to the one that takes its place. */
  orphan(owner: object): Promise<void> {
    return this.#next(async () => {
      await this.#unsaved.offer(this.#id, owner);
      this.#id = randomUUID();
    });
  }

  /** The window closes for good, and the user has agreed to what is lost. */
  close(): Promise<void> {
    return this.#next(async () => {
      this.#isOver = true;
      await this.#unsaved.discard(this.#id);
    });
  }

  /** A model that was closed meanwhile, or a full disk: the next state is kept again. */
  #next(work: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(work).catch(() => undefined);
    return this.#work;
  }
}
