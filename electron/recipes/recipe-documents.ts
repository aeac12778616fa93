import { randomUUID } from "node:crypto";
import { readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { StudioError } from "../../src-core/errors.ts";
import { formatRecipe } from "../../src-core/recipe/format-recipe.ts";
import { openRecipe } from "../../src-core/recipe/open-recipe.ts";
import type { Recipe } from "../../src-core/recipe/recipe.ts";
import { updateRecipeText } from "../../src-core/recipe/update-recipe.ts";
import type { CheckpointSummary } from "../api/models.ts";
import type { MergekitFile, OpenedRecipe, RecipeDocument, SaveRecipeRequest } from "../api/recipes.ts";
import type { Catalog } from "../checkpoints/catalog.ts";
import { locateModel } from "../models/hugging-face-cache.ts";
import { summarizeModel } from "../models/summaries.ts";
import { mergekitText } from "./mergekit-text.ts";
import type { RecentRecipes } from "./recent-recipes.ts";
import { type RecipeOnDisk, readRecipeFile, recipeForFolder, resolveModels } from "./recipe-file.ts";
import { ModelsOfRecipe, mapModels, type Spellings, spell, spellingsOf } from "./recipe-models.ts";

/** Asks a person for a place; null when the dialog was dismissed. */
export type AskForFile = (options: { readonly title: string; readonly defaultPath: string }) => Promise<string | null>;

/** As main has checked it: with the recipe's defaults. */
type SaveRequest = Omit<SaveRecipeRequest, "recipe"> & { readonly recipe: Recipe };

interface Document {
  readonly path: string;
  /** As it was read or written last: what is saved keeps its comments. */
  readonly text: string;
  readonly spellings: Spellings;
}

export interface RecipeSnapshot {
  /** Models by absolute path, or by id of the Hugging Face cache. */
  readonly recipe: Recipe;
  /** Its file, and what that said when it was read or written last. */
  readonly document: { readonly path: string; readonly text: string } | null;
}

export interface RecipeChange {
  readonly kind: "changed" | "gone";
  /** Milliseconds since 1970; null for a file that is gone. */
  readonly modifiedMs: number | null;
}

/** The window's recipes: main alone knows their paths, and those of the models that they name. */
export class RecipeDocuments {
  readonly #catalog: Catalog;
  readonly #recents: RecentRecipes;
  readonly #documents = new Map<string, Document>();
  /** Absolute path, or id in the Hugging Face cache, of models that a recipe named: by checkpoint, or by an id of their own. */
  readonly #named = new Map<string, string>();

  constructor(catalog: Catalog, recents: RecentRecipes) {
    this.#catalog = catalog;
    this.#recents = recents;
  }

  /** Opens a recipe or a mergekit file, and what models of it can be opened. Rejects with a StudioError when it is none. */
  async open(path: string): Promise<OpenedRecipe> {
    const models = new ModelsOfRecipe(this.#catalog, this.#named);
    let file: RecipeOnDisk;
    try {
      file = await readRecipeFile(path, async (reference) => (await models.entry(reference)).checkpoint);
    } catch (error) {
      models.closeAll();
      throw error;
    }
    const recipe = await mapModels(file.recipe, (reference) => models.idOf(reference));
    await this.#recents.add(file.path);
    return {
      document: file.opened.kind === "recipe" ? this.#remember(file) : null,
      name: basename(file.path),
      recipe,
      models: [...models.named.values()],
      notes: file.opened.kind === "mergekit" ? file.opened.notes : [],
      isUnsaved: false,
    };
  }

  openRecent(id: string): Promise<OpenedRecipe> {
    const path = this.#recents.pathOf(id);
    if (path === null) throw new StudioError({ code: "recipe-not-found", what: "This recipe is no longer listed" });
    return this.open(path);
  }

  /** Opens a document's file once more. Rejects with a StudioError. */
  async reopen(documentId: string): Promise<OpenedRecipe> {
    const path = this.pathOf(documentId);
    if (path === null) throw new StudioError({ code: "recipe-not-found", what: "This recipe is no longer open" });
    return await this.open(path);
  }

  /** All that it takes to bring the recipe back another time. Throws a StudioError where a model is no longer open. */
  async snapshot(recipe: Recipe, documentId: string | null): Promise<RecipeSnapshot> {
    const document = documentId === null ? undefined : this.#documents.get(documentId);
    const resolved = await mapModels(recipe, async (id) => this.#referenceOf(id));
    return { recipe: resolved, document: document === undefined ? null : { path: document.path, text: document.text } };
  }

  /** Brings a recipe back as it was, unsaved, with its file where it has one; what models of it can be opened are. */
  async restore({ recipe, document }: RecipeSnapshot, name: string): Promise<OpenedRecipe> {
    const models = new ModelsOfRecipe(this.#catalog, this.#named);
    const named = await mapModels(recipe, (reference) => models.idOf(reference));
    return {
      document:
        document === null ? null : this.#keep(randomUUID(), { ...document, spellings: await spellingsIn(document) }),
      name: document === null ? name : basename(document.path),
      recipe: named,
      models: [...models.named.values()],
      notes: [],
      isUnsaved: true,
    };
  }

  /** What another program did to a document's file since it was read or written here, and when; null for nothing. */
  async changeOf(documentId: string): Promise<RecipeChange | null> {
    const document = this.#documents.get(documentId);
    if (document === undefined) return null;
    const { path, text } = document;
    try {
      // A large file in its place is another, and is not read.
      const { size, mtimeMs } = await stat(path);
      const isSame = size === Buffer.byteLength(text) && (await readFile(path, "utf8")) === text;
      return isSame ? null : { kind: "changed", modifiedMs: mtimeMs };
    } catch (error) {
      const isGone = error instanceof Error && "code" in error && error.code === "ENOENT";
      return isGone ? { kind: "gone", modifiedMs: null } : null;
    }
  }

  /** Opens a model that a recipe names and that could not be opened with it. */
  async openReference(id: string): Promise<CheckpointSummary> {
    const reference = this.#named.get(id);
    if (reference === undefined) throw new StudioError({ code: "checkpoint-not-found", what: "Choose the model" });
    const entry = await this.#catalog.open(await locateModel(reference));
    this.#named.set(entry.id, reference);
    return summarizeModel(entry);
  }

  /** Writes to the document's file, or to one that is asked for; null when the dialog was dismissed. */
  async save({ recipe, documentId, as }: SaveRequest, ask: AskForFile): Promise<RecipeDocument | null> {
    const old = documentId === null ? undefined : this.#documents.get(documentId);
    const resolved = await mapModels(recipe, async (id) => this.#referenceOf(id));
    const path = old !== undefined && !as ? old.path : await this.#askForRecipe(resolved, old, ask);
    if (path === null) return null;
    if (old !== undefined && path === old.path) await refuseChanged(old);
    const isBeside = old !== undefined && dirname(old.path) === dirname(path);
    const spelt = spell(recipeForFolder(resolved, dirname(path)), resolved, isBeside ? old.spellings : new Map());
    const text = old === undefined ? formatRecipe(spelt) : updateRecipeText(old.text, spelt, basename(path));
    await writeWhole(path, text);
    await this.#recents.add(path);
    const spellings = spellingsOf(resolved, spelt);
    return this.#keep(documentId !== null && path === old?.path ? documentId : randomUUID(), { path, text, spellings });
  }

  /** Writes the recipe as a mergekit file; null when the dialog was dismissed. Rejects where mergekit cannot say it. */
  async exportMergekit(recipe: Recipe, ask: AskForFile): Promise<MergekitFile | null> {
    const { checkpoint } = this.#catalog.get(recipe.target);
    const resolved = await mapModels(recipe, async (id) => this.#referenceOf(id));
    const { text, notes } = mergekitText(resolved, checkpoint);
    const defaultPath = join(dirname(checkpoint.path), "mergekit.yml");
    const path = await ask({ title: "Save as a mergekit file", defaultPath });
    if (path === null) return null;
    const written = withEnding(path, ".yml");
    await writeWhole(written, text);
    return { path: written, notes };
  }

  /** Where a document lies; null for an id that is none's. */
  pathOf(documentId: string): string | null {
    return this.#documents.get(documentId)?.path ?? null;
  }

  #remember({ path, text, opened, recipe }: RecipeOnDisk): RecipeDocument {
    return this.#keep(randomUUID(), { path, text, spellings: spellingsOf(recipe, opened.recipe) });
  }

  #keep(id: string, document: Document): RecipeDocument {
    this.#documents.set(id, document);
    return { id, name: basename(document.path), path: document.path };
  }

  #referenceOf(id: string): string {
    return this.#named.get(id) ?? this.#catalog.get(id).checkpoint.path;
  }

  async #askForRecipe(resolved: Recipe, old: Document | undefined, ask: AskForFile): Promise<string | null> {
    const name = `${basename(resolved.target).replace(/\.safetensors.*$/, "")}-merge.yaml`;
    const defaultPath = old?.path ?? join(dirname(resolve(await locateModel(resolved.target))), name);
    const path = await ask({ title: "Save the recipe", defaultPath });
    return path === null ? null : withEnding(path, ".yaml");
  }
}

/** How that text spells its models; none where it cannot be read, and then they are spelt anew. */
async function spellingsIn({ path, text }: NonNullable<RecipeSnapshot["document"]>): Promise<Spellings> {
  try {
    const { recipe } = openRecipe(text, basename(path));
    return spellingsOf(await resolveModels(recipe, dirname(path)), recipe);
  } catch {
    return new Map();
  }
}

function withEnding(path: string, ending: string): string {
  return extname(path) === "" ? `${path}${ending}` : path;
}

/** What another program wrote meanwhile is not written over. A file that is gone is written again. */
async function refuseChanged({ path, text }: Document): Promise<void> {
  const found = await readFile(path, "utf8").catch(() => text);
  if (found === text) return;
  throw new StudioError({
    code: "output-exists",
    what: "Another program has changed the recipe since it was opened",
    where: path,
    advice: "Save it under another name, or open it again",
  });
}

/** The old file stands until the new one is whole. A link stays a link. */
async function writeWhole(path: string, text: string): Promise<void> {
  const place = await realpath(path).catch(() => path);
  const partial = `${place}.partial`;
  try {
    await writeFile(partial, text);
    await rename(partial, place);
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined);
    const actual = error instanceof Error ? error.message : String(error);
    throw new StudioError({ code: "write-failed", what: "The file could not be written", where: path, actual });
  }
}
