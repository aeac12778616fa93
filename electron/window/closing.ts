import type { MessageBoxOptions } from "electron";

/** What closing a window would stop or lose, and the ways to see to it. */
export interface ClosingWork {
  /** The recipe with changes that are not saved, "" for one without a file; null for none. */
  unsaved(): string | null;
  exporting(): boolean;
  /** Resolves with the pressed button's index. */
  ask(options: MessageBoxOptions): Promise<number>;
  /** Has the window save its recipe; resolves with whether it did. */
  save(): Promise<boolean>;
  /** Resolves when no export of the window runs any more; what they have written is kept. */
  stopExports(): Promise<void>;
}

/** A system that is shutting down waits about as long for a program. */
const shutdownMs = 4000;

/**
 * Asks before something is lost by closing a window or quitting. Never where the system shuts down: then exports are stopped
 * where they are, to be gone on with, and nothing waits for an answer.
 */
export class Closing {
  readonly #work: ClosingWork;
  #asking: Promise<boolean> | null = null;
  #agreed = false;

  constructor(work: ClosingWork) {
    this.#work = work;
  }

  /** Nothing would be lost, or the user has agreed to it. */
  get isFree(): boolean {
    return this.#agreed || (this.#work.unsaved() === null && !this.#work.exporting());
  }

  /** Whether the window may close now. Where not, it asks, and calls `proceed` once the user agreed. */
  mayClose(proceed: () => void): boolean {
    if (this.isFree) return true;
    if (this.#asking === null) {
      void this.agree().then((agreed) => {
        if (agreed) proceed();
      });
    }
    return false;
  }

  /** Asks where something would be lost; resolves with whether the window may close, now and until `takeBack`. */
  async agree(): Promise<boolean> {
    if (this.isFree) return true;
    this.#asking ??= this.#ask();
    try {
      this.#agreed = await this.#asking;
    } finally {
      this.#asking = null;
    }
    return this.#agreed;
  }

  /** The window stays after all: it will be asked about anew. */
  takeBack(): void {
    this.#agreed = false;
  }

  /** The system ends: resolves when what runs has stopped, or after a few seconds. */
  async leave(): Promise<void> {
    this.#agreed = true;
    const late = new Promise<void>((resolve) => setTimeout(resolve, shutdownMs).unref());
    await Promise.race([this.#work.stopExports(), late]);
  }

  async #ask(): Promise<boolean> {
    return (await this.#mayLoseChanges()) && (await this.#mayStopExport());
  }

  async #mayLoseChanges(): Promise<boolean> {
    const name = this.#work.unsaved();
    if (name === null) return true;
    const answer = await this.#work.ask({
      type: "question",
      message: name === "" ? "Save the recipe before closing?" : `Save the changes of ${name} before closing?`,
      detail: "What is not saved is lost.",
      buttons: ["Save", "Don’t save", "Cancel"],
      defaultId: 0,
      cancelId: 2,
    });
    return answer === 0 ? this.#work.save() : answer === 1;
  }

  async #mayStopExport(): Promise<boolean> {
    if (!this.#work.exporting()) return true;
    const answer = await this.#work.ask({
      type: "warning",
      message: "An export is running",
      detail:
        "Closing the window stops it. What is written is kept: choose the same models and folder to go on with it.",
      buttons: ["Keep exporting", "Stop and close"],
      defaultId: 0,
      cancelId: 0,
    });
    if (answer !== 1) return false;
    await this.#work.stopExports();
    return true;
  }
}
