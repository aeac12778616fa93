import { randomUUID } from "node:crypto";
import { access, mkdir, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { maximumKeptBytes } from "../../src-core/limits.ts";
import { readSmallFile } from "../checkpoints/read-small-file.ts";
import { parseKept } from "../kept/parse-kept.ts";

/** More than fit in a menu help nobody. */
const maximumRecents = 10;

export const recentPathsSchema = z.strictObject({
  version: z.literal(1),
  paths: z.array(z.string().min(1).max(32_768)),
});

export interface RecentPath {
  readonly id: string;
  readonly path: string;
  /** There is nothing any more, or nothing that answers. */
  readonly missing: boolean;
}

/** Files or folders that were used last, the latest first; kept in a file, and known to the window by id. */
export class RecentPaths {
  readonly #file: string;
  readonly #paths = new Map<string, string>();
  #latest: readonly string[] | null = null;

  constructor(file: string) {
    this.#file = file;
  }

  async list(): Promise<readonly RecentPath[]> {
    const paths = await this.#load();
    return Promise.all(
      paths.map(async (path) => ({ id: this.#idOf(path), path, missing: !(await answersSoon(access(path))) })),
    );
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
      // Two models may be opened at the same time.
      const partial = `${this.#file}.${randomUUID()}.partial`;
      await writeFile(partial, text);
      await rename(partial, this.#file);
    } catch {
      // Known until the program ends.
    }
  }

  async #load(): Promise<readonly string[]> {
    if (this.#latest !== null) return this.#latest;
    // What another version or a full disk left there is as good as nothing.
    const text = await readSmallFile(this.#file, maximumKeptBytes).catch(() => null);
    const paths = text === null ? [] : (parseKept(text.toString("utf8"), recentPathsSchema)?.paths ?? []);
    this.#latest ??= paths.slice(0, maximumRecents);
    return this.#latest;
  }

  #idOf(path: string): string {
    for (const [id, known] of this.#paths) if (known === path) return id;
    const id = randomUUID();
    this.#paths.set(id, path);
    return id;
  }
}

/** A disk of the network that is gone may not answer for minutes; a list does not wait for it. */
async function answersSoon(asked: Promise<void>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), 1000);
  });
  const there = asked.then(
    () => true,
    () => false,
  );
  const answer = await Promise.race([there, late]);
  clearTimeout(timer);
  return answer;
}
