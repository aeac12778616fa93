import { appendFileSync, mkdirSync, readFileSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** Of one file; there are two, the present one and the one before. */
const maximumBytes = 512 * 1024;
const maximumLineLength = 4000;

/**
 * What happened, a line each, in a file that stays on this machine. It holds two times 512 KiB at most. Nothing that goes wrong
 * with it disturbs what is logged.
 */
export class LogFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  write(text: string): void {
    const line = text.replace(/\s*\n\s*/g, " ⏎ ").slice(0, maximumLineLength);
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      if ((statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0) > maximumBytes) {
        renameSync(this.#path, `${this.#path}.1`);
      }
      appendFileSync(this.#path, `${new Date().toISOString()} ${line}\n`);
    } catch {
      // A full disk is what the log would be read for; it must not end what still works.
    }
  }

  /** The last lines, the newest last. */
  recent(count: number): string[] {
    const lines = [`${this.#path}.1`, this.#path].flatMap((path) => {
      try {
        return readFileSync(path, "utf8").split("\n");
      } catch {
        return [];
      }
    });
    return lines.filter((line) => line !== "").slice(-count);
  }
}
