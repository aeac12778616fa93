import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { recipeSchema } from "../../src-core/recipe/recipe.ts";
import type { UnsavedRecipe } from "../api/recipes.ts";

/** Of one file: a recipe, and the text of the file that it was opened from. */
const maximumBytes = 8 * 1024 * 1024;
/** More crashes in a row than that nobody looks through; the latest count. */
const maximumOffers = 8;

/** A recipe with changes that are in no file of the user's. Models go by absolute path, or by id of the Hugging Face cache. */
const keptRecipeSchema = z.strictObject({
  version: z.literal(1),
  /** Milliseconds since 1970. */
  keptMs: z.number().int().nonnegative(),
  name: z.string().max(4096),
  recipe: recipeSchema,
  /** The file that it belongs to, and what that said when it was read or written last. */
  document: z.strictObject({ path: z.string().min(1).max(32_768), text: z.string() }).nullable(),
});
export type KeptRecipe = z.output<typeof keptRecipeSchema>;

/**
 * The recipes of all windows that a crash would lose, each in a file of its own for as long as it is unsaved. What lies there when
 * the program starts was left by one that was killed: it is offered to the first window, and goes only when the user says so.
 */
export class UnsavedRecipes {
  readonly #folder: string;
  /** Left by an earlier start, or by a page that crashed, and the window it is offered to. */
  readonly #offers = new Map<string, { readonly kept: KeptRecipe; owner: object | null }>();
  #loading: Promise<void> | null = null;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The old file stands until the new one is whole. That it cannot be kept is no reason to fail anything. */
  async keep(id: string, kept: Omit<KeptRecipe, "version">): Promise<void> {
    // What this start writes is no offer.
    await this.#load();
    const partial = `${this.#path(id)}.${randomUUID()}.partial`;
    try {
      await mkdir(this.#folder, { recursive: true });
      await writeFile(partial, JSON.stringify({ version: 1, ...kept } satisfies KeptRecipe));
      await rename(partial, this.#path(id));
    } catch {
      await rm(partial, { force: true }).catch(() => undefined);
    }
  }

  /** Saved, or let go by the user. */
  async discard(id: string): Promise<void> {
    await this.#load();
    this.#offers.delete(id);
    await rm(this.#path(id), { force: true }).catch(() => undefined);
  }

  /** For the first window that asks; each other has those of its own page's crash. */
  async offersFor(owner: object): Promise<readonly UnsavedRecipe[]> {
    await this.#load();
    for (const offer of this.#offers.values()) offer.owner ??= owner;
    return [...this.#offers]
      .filter(([, offer]) => offer.owner === owner)
      .map(([id, { kept }]) => ({ id, name: kept.name, keptMs: kept.keptMs, path: kept.document?.path ?? null }));
  }

  /** The page of that window has crashed: what it had is offered to it. */
  async offer(id: string, owner: object): Promise<void> {
    const kept = await this.#read(`${id}.json`);
    if (kept !== null) this.#offers.set(id, { kept, owner });
  }

  /** What was offered; from now on it is its window's. Null for an id that is no offer. */
  take(id: string): KeptRecipe | null {
    const offer = this.#offers.get(id);
    this.#offers.delete(id);
    return offer?.kept ?? null;
  }

  #load(): Promise<void> {
    this.#loading ??= this.#find();
    return this.#loading;
  }

  async #find(): Promise<void> {
    const all = await readdir(this.#folder).catch(() => []);
    // A start that was killed while it wrote has left its half; the file it was for is whole. One program has the profile.
    const halves = all.filter((name) => /^[\da-f-]{36}\.json\.[\da-f-]{36}\.partial$/.test(name));
    await Promise.all(halves.map((name) => rm(join(this.#folder, name), { force: true }).catch(() => undefined)));
    const names = all.filter((name) => /^[\da-f-]{36}\.json$/.test(name));
    const found = await Promise.all(
      names.map(async (name) => ({ id: name.slice(0, -5), kept: await this.#read(name) })),
    );
    const readable = found.flatMap(({ id, kept }) => (kept === null ? [] : [{ id, kept }]));
    readable.sort((one, other) => other.kept.keptMs - one.kept.keptMs);
    for (const { id, kept } of readable.slice(0, maximumOffers)) this.#offers.set(id, { kept, owner: null });
  }

  /** Null for what is damaged, or another version's. */
  async #read(name: string): Promise<KeptRecipe | null> {
    const path = join(this.#folder, name);
    try {
      if ((await stat(path)).size > maximumBytes) return null;
      return keptRecipeSchema.safeParse(JSON.parse(await readFile(path, "utf8"))).data ?? null;
    } catch {
      return null;
    }
  }

  #path(id: string): string {
    return join(this.#folder, `${id}.json`);
  }
}
