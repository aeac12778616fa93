import type { WaitsFor } from "../api/exports.ts";

/** Whose work it is, as other windows are told. */
export interface WorkOwner {
  readonly name: string;
}

/** What has the engine to itself while it runs. */
export interface EngineWork {
  readonly kind: WaitsFor["work"];
  readonly owner: WorkOwner;
  /** Never rejects. Resolves when nothing is read any more; `again` where it was interrupted and is to go on later. */
  run(): Promise<"over" | "again">;
  /** Comes to rest soon, to go on when it has its turn again. */
  interrupt(): void;
  /** Told whenever what it waits for is another. */
  onWaiting(waitsFor: WaitsFor): void;
}

/**
 * One engine for all windows: one work at a time. Exports come first, and interrupt measuring, which goes on after them; among
 * their like the first to ask is the first to run.
 */
export class EngineTurns {
  #present: EngineWork | null = null;
  readonly #waiting: EngineWork[] = [];

  /** Runs the work at once where nothing else does, else when it is its turn. */
  ask(work: EngineWork): void {
    if (this.#present === work || this.#waiting.includes(work)) return;
    this.#waiting.push(work);
    this.#next();
  }

  /** Takes back what waits; false where it does not wait. */
  withdraw(work: EngineWork): boolean {
    const at = this.#waiting.indexOf(work);
    if (at < 0) return false;
    this.#waiting.splice(at, 1);
    return true;
  }

  #next(): void {
    const next = this.#waiting.find(({ kind }) => kind === "export") ?? this.#waiting[0];
    if (next === undefined) return;
    if (this.#present === null) {
      this.withdraw(next);
      this.#present = next;
      void this.#run(next);
    } else if (next.kind === "export" && this.#present.kind === "measuring") this.#present.interrupt();
    this.#tell();
  }

  async #run(work: EngineWork): Promise<void> {
    const end = await work.run();
    this.#present = null;
    if (end === "again") this.#waiting.unshift(work);
    this.#next();
  }

  #tell(): void {
    const present = this.#present;
    if (present === null) return;
    for (const work of this.#waiting) {
      // It is being interrupted for the export, and is gone in a moment.
      if (work.kind === "export" && present.kind === "measuring") continue;
      work.onWaiting({ work: present.kind, window: present.owner === work.owner ? null : present.owner.name });
    }
  }
}
