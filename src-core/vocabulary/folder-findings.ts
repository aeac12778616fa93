import { describeFailure, StudioError } from "../errors.ts";

/** Something that is wrong with a written model. */
export interface FolderFinding {
  /** `error`: it does not load, or loads wrong. `warning`: it loads, and may not do what a person expects. */
  readonly severity: "error" | "warning";
  readonly file: string;
  /** A sentence without its end. */
  readonly what: string;
  readonly expected: string | null;
  readonly actual: string | null;
}

/** Gathers findings. */
export class FolderFindings {
  readonly list: FolderFinding[] = [];
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  error(file: string, what: string, expected: string | null = null, actual: string | null = null): void {
    this.list.push({ severity: "error", file, what, expected, actual });
  }

  warning(file: string, what: string, expected: string | null = null, actual: string | null = null): void {
    this.list.push({ severity: "warning", file, what, expected, actual });
  }

  /** Runs a check; a file that it cannot read is an error of its own. */
  async collect(file: string, check: () => Promise<void>): Promise<void> {
    try {
      await check();
    } catch (error) {
      this.#unreadable(file, error);
    }
  }

  /** The same for a check that waits for nothing; null when the file cannot be read. */
  attempt<Value>(file: string, check: () => Value): Value | null {
    try {
      return check();
    } catch (error) {
      this.#unreadable(file, error);
      return null;
    }
  }

  #unreadable(file: string, error: unknown): void {
    if (!(error instanceof StudioError)) throw error;
    this.error(file, describeFailure(error.failure));
  }
}
