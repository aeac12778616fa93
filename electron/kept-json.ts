import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { z } from "zod";

/** Small enough that reading and writing it at once disturbs nobody. */
const maximumTextLength = 65_536;

/** Something that the program keeps from one start to the next, in a file of its own. */
export class KeptJson<Schema extends z.ZodType> {
  readonly #path: string;
  readonly #schema: Schema;

  constructor(path: string, schema: Schema) {
    this.#path = path;
    this.#schema = schema;
  }

  /** Null where nothing is kept, or not what belongs there: another version, a damaged file. */
  read(): z.output<Schema> | null {
    try {
      const text = readFileSync(this.#path, "utf8");
      return text.length > maximumTextLength ? null : (this.#schema.safeParse(JSON.parse(text)).data ?? null);
    } catch {
      return null;
    }
  }

  /** The old file stands until the new one is whole. That it cannot be kept is no reason to fail what it is for. */
  write(value: z.input<Schema>): void {
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      writeFileSync(`${this.#path}.partial`, `${JSON.stringify(value, null, 2)}\n`);
      renameSync(`${this.#path}.partial`, this.#path);
    } catch {
      // Known until the program ends.
    }
  }
}
