import { basename, dirname } from "node:path";
import type { RecentRecipe } from "../api/recipes.ts";
import { RecentPaths } from "../models/recent-paths.ts";

/** The recipes that were opened or saved last, the latest first; kept in a file, and known to the window by id. */
export class RecentRecipes {
  readonly #paths: RecentPaths;

  constructor(file: string) {
    this.#paths = new RecentPaths(file);
  }

  async list(): Promise<readonly RecentRecipe[]> {
    const recents = await this.#paths.list();
    return recents.map(({ id, path, missing }) => ({ id, name: basename(path), folder: dirname(path), missing }));
  }

  /** Null for an id that was never listed. */
  pathOf(id: string): string | null {
    return this.#paths.pathOf(id);
  }

  /** Puts a path first. That it cannot be kept is no reason to fail what it was used for. */
  async add(path: string): Promise<void> {
    await this.#paths.add(path);
  }
}
