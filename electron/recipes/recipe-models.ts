import { randomUUID } from "node:crypto";
import { basename } from "node:path";
import { type Failure, failureOf } from "../../src-core/errors.ts";
import type { Recipe } from "../../src-core/recipe/recipe.ts";
import { isModelIdLike } from "../../src-core/recipe/recipe-paths.ts";
import type { NamedModel } from "../api/recipes.ts";
import type { Catalog } from "../checkpoints/catalog.ts";
import { locateModel } from "../models/hugging-face-cache.ts";
import { summarizeModel } from "../models/summaries.ts";

/** The models of one recipe: each is opened once, and one that cannot be opened goes by an id of its own. */
export class ModelsOfRecipe {
  readonly named = new Map<string, NamedModel>();
  readonly #catalog: Catalog;
  readonly #references: Map<string, string>;
  readonly #opened = new Map<string, ReturnType<Catalog["open"]>>();

  constructor(catalog: Catalog, references: Map<string, string>) {
    this.#catalog = catalog;
    this.#references = references;
  }

  entry(reference: string): ReturnType<Catalog["open"]> {
    const opened = this.#opened.get(reference) ?? this.#open(reference);
    this.#opened.set(reference, opened);
    return opened;
  }

  async idOf(reference: string): Promise<string> {
    const known = this.named.get(reference);
    if (known !== undefined) return known.id;
    const named = await this.#name(reference);
    this.named.set(reference, named);
    this.#references.set(named.id, reference);
    return named.id;
  }

  closeAll(): void {
    for (const opened of this.#opened.values()) {
      void opened.then(
        ({ id }) => this.#catalog.close(id),
        () => undefined,
      );
    }
  }

  async #open(reference: string): ReturnType<Catalog["open"]> {
    return this.#catalog.open(await locateModel(reference));
  }

  async #name(reference: string): Promise<NamedModel> {
    try {
      const entry = await this.entry(reference);
      return { id: entry.id, name: basename(reference), model: await summarizeModel(entry), failure: null };
    } catch (error) {
      const failure = isModelIdLike(reference) ? notInCache(reference) : withoutErrno(failureOf(error, "read-failed"));
      return { id: randomUUID(), name: basename(reference), model: null, failure };
    }
  }
}

/** Of a model that is not there, the system's own words say nothing more. */
function withoutErrno({ actual, ...failure }: Failure): Failure {
  return failure.code === "checkpoint-not-found" || actual === undefined ? failure : { ...failure, actual };
}

function notInCache(where: string): Failure {
  return {
    code: "checkpoint-not-found",
    what: "The model is not in the local Hugging Face cache",
    where,
    advice: "Download it with the hub’s own tools, or choose it",
  };
}

/** The recipe with another name for every model, one after the other. */
export async function mapModels(recipe: Recipe, map: (reference: string) => Promise<string>): Promise<Recipe> {
  const target = await map(recipe.target);
  const vectors: Recipe["vectors"] = [];
  for (const vector of recipe.vectors) {
    vectors.push({ ...vector, chat: await map(vector.chat), base: await map(vector.base) });
  }
  return { ...recipe, target, vectors };
}

function modelsOf({ target, vectors }: Recipe): string[] {
  return [target, ...vectors.flatMap(({ chat, base }) => [chat, base])];
}

/** How a recipe's file spells its models, by what they resolve to. */
export type Spellings = ReadonlyMap<string, string>;

export function spellingsOf(resolved: Recipe, written: Recipe): Spellings {
  const spelt = modelsOf(written);
  return new Map(modelsOf(resolved).map((reference, index) => [reference, spelt[index] ?? reference]));
}

/** Models as the file spelt them before; where it did not, as they are in `otherwise`. */
export function spell(otherwise: Recipe, resolved: Recipe, spellings: Spellings): Recipe {
  const own = (reference: string | undefined, other: string) => spellings.get(reference ?? "") ?? other;
  return {
    ...otherwise,
    target: own(resolved.target, otherwise.target),
    vectors: otherwise.vectors.map((vector, index) => ({
      ...vector,
      chat: own(resolved.vectors[index]?.chat, vector.chat),
      base: own(resolved.vectors[index]?.base, vector.base),
    })),
  };
}
