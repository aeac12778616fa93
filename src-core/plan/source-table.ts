import type { Checkpoint, TensorEntry } from "../checkpoint/checkpoint.ts";
import type { Recipe } from "../recipe/recipe.ts";
import { locationOf } from "./location.ts";
import type { PlanSource, TensorLocation } from "./merge-plan.ts";

interface PlannedModels {
  readonly recipe: Recipe;
  readonly target: Checkpoint;
  /** In the recipe's order. */
  readonly vectors: readonly { readonly chat: Checkpoint; readonly base: Checkpoint }[];
}

/** Each checkpoint once, however many roles it has: what is the same file is read once. */
export class SourceTable {
  readonly list: PlanSource[] = [];
  readonly #indices = new Map<string, number>();

  constructor({ recipe, target, vectors }: PlannedModels) {
    this.#add(recipe.target, target);
    recipe.vectors.forEach(({ chat, base }, index) => {
      const pair = vectors[index];
      if (pair === undefined) throw new RangeError(`no checkpoints for vector ${index}`);
      this.#add(chat, pair.chat);
      this.#add(base, pair.base);
    });
  }

  locate(checkpoint: string, tensor: TensorEntry): TensorLocation {
    const source = this.#indices.get(checkpoint);
    if (source === undefined) throw new Error(`unknown source ${checkpoint}`);
    return locationOf(source, tensor);
  }

  #add(name: string, { files }: Checkpoint): void {
    if (this.#indices.has(name)) return;
    this.#indices.set(name, this.list.length);
    this.list.push({
      checkpoint: name,
      files: files.map((file) => ({ name: file.name, byteLength: file.byteLength })),
    });
  }
}
