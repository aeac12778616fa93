import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { z } from "zod";
import { maximumKeptBytes } from "../../src-core/limits.ts";
import { readSmallFileSync } from "../checkpoints/read-small-file.ts";
import { parseKept } from "./parse-kept.ts";

/** Something that the program keeps from one start to the next, in a file of its own. */
export class KeptJson<Schema extends z.ZodType> {
  readonly path: string;
  readonly #schema: Schema;

  constructor(path: string, schema: Schema) {
    this.path = path;
    this.#schema = schema;
  }

  /** Null where nothing is kept, or not what belongs there: another version, a damaged file. */
  read(): z.output<Schema> | null {
    const text = this.#text();
    return text === null ? null : parseKept(text, this.#schema);
  }

  /** As `read`, but a file that cannot be used is moved out of the way of the next one, and where to is said: somebody may have written it. */
  readOrSetAside(): { readonly value: z.output<Schema> | null; readonly setAside: string | null } {
    const text = this.#text();
    const value = text === null ? null : parseKept(text, this.#schema);
    if (text === null || value !== null) return { value, setAside: null };
    const setAside = this.path.replace(/(\.json)?$/, ".broken$1");
    try {
      renameSync(this.path, setAside);
      return { value: null, setAside };
    } catch {
      return { value: null, setAside: this.path };
    }
  }

  /**
   * The old file stands until the new one is whole. Returns why it could not be kept, null where it was: that is no reason to fail
   * what it is for.
   */
  write(value: z.input<Schema>): string | null {
    try {
      mkdirSync(dirname(this.path), { recursive: true });
      const partial = openSync(`${this.path}.partial`, "w");
      try {
        writeFileSync(partial, `${JSON.stringify(value, null, 2)}\n`);
        fsyncSync(partial);
      } finally {
        closeSync(partial);
      }
      renameSync(`${this.path}.partial`, this.path);
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  /** Null where there is no file. One that cannot be read is as good as damaged. */
  #text(): string | null {
    try {
      return readSmallFileSync(this.path, maximumKeptBytes).toString("utf8");
    } catch (error) {
      return error instanceof Error && "code" in error && error.code === "ENOENT" ? null : "";
    }
  }
}
