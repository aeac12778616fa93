/**
 * Keeps writing from running far ahead of who follows it (hashes it, sends it to the disk): what lies between is in memory. Positions are bytes of all
 * output files, in their order. Whatever comes first in that order may always be written, so that nobody waits for somebody who waits.
 */
export class WriteGate {
  readonly #windowBytes: number;
  readonly #waiting = new Set<Waiting>();
  #followedBytes: number;

  /** `windowBytes` is more than all batches in flight write together. */
  constructor(windowBytes: number, followedBytes: number) {
    this.#windowBytes = windowBytes;
    this.#followedBytes = followedBytes;
  }

  /** All before `bytes` is followed. */
  followed(bytes: number): void {
    this.#followedBytes = Math.max(this.#followedBytes, bytes);
    for (const waiting of this.#waiting) {
      if (!this.#isOpen(waiting.position)) continue;
      this.#waiting.delete(waiting);
      waiting.resolve();
    }
  }

  /** Resolves when what lies at the position may be written; rejects with the signal's reason. `onWait` is called where that is not now. */
  async pass(position: number, signal: AbortSignal, onWait: () => void): Promise<void> {
    if (this.#isOpen(position)) return;
    signal.throwIfAborted();
    onWait();
    await new Promise<void>((resolve, reject) => {
      const abort = () => {
        this.#waiting.delete(waiting);
        reject(signal.reason);
      };
      const waiting = {
        position,
        resolve: () => {
          signal.removeEventListener("abort", abort);
          resolve();
        },
      };
      this.#waiting.add(waiting);
      signal.addEventListener("abort", abort, { once: true });
    });
  }

  #isOpen(position: number): boolean {
    return position < this.#followedBytes + this.#windowBytes;
  }
}

interface Waiting {
  readonly position: number;
  readonly resolve: () => void;
}
