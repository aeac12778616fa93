import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { z } from "zod";
import type { RecentRecipe } from "./api.ts";

/** More than fit in a menu help nobody. */
const maximumRecents = 10;

const keptSchema = z.strictObject({ version: z.literal(1), paths: z.array(z.string().min(1).max(32_768)) });

/** The recipes that were opened or saved last, the latest first; kept in a file, and known to the window by id. */
export class RecentRecipes {
  readonly #file: string;
  readonly #paths = new Map<string, string>();
  #latest: readonly string[] | null = null;

  constructor(file: string) {
    this.#file = file;
  }

  async list(): Promise<readonly RecentRecipe[]> {
    const paths = await this.#load();
    return paths.map((path) => ({
      id: this.#idOf(path),
      name: basename(path),
      folder: dirname(path),
      missing: !existsSync(path),
    }));
  }

  /** Null for an id that was never listed. */
  pathOf(id: string): string | null {
    return this.#paths.get(id) ?? null;
  }

  /** Puts a path first. That it cannot be kept is no reason to fail what it was used for. */
  async add(path: string): Promise<void> {
    const paths = await this.#load();
    this.#latest = [path, ...paths.filter((other) => other !== path)].slice(0, maximumRecents);
    const text = `${JSON.stringify({ version: 1, paths: this.#latest }, null, 2)}\n`;
    try {
      await mkdir(dirname(this.#file), { recursive: true });
      await writeFile(`${this.#file}.partial`, text);
      await rename(`${this.#file}.partial`, this.#file);
    } catch {
      // Known until the program ends.
    }
  }

  async #load(): Promise<readonly string[]> {
    if (this.#latest !== null) return this.#latest;
    const text = await readFile(this.#file, "utf8").catch(() => "");
    // What another version or a full disk left there is as good as nothing.
    this.#latest ??= pathsIn(text);
    return this.#latest;
  }

  #idOf(path: string): string {
    for (const [id, known] of this.#paths) if (known === path) return id;
    const id = randomUUID();
    this.#paths.set(id, path);
    return id;
  }
}

function pathsIn(text: string): readonly string[] {
  try {
    const { success, data } = keptSchema.safeParse(JSON.parse(text));
    return success ? data.paths.slice(0, maximumRecents) : [];
  } catch {
    return [];
  }
}
