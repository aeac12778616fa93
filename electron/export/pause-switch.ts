/** A wish to pause that whoever works looks at, and may wait for its end. */
export class PauseSwitch {
  #isPaused = false;
  #changed: (() => void)[] = [];

  get isPaused(): boolean {
    return this.#isPaused;
  }

  set(paused: boolean): void {
    if (paused === this.#isPaused) return;
    this.#isPaused = paused;
    for (const call of this.#changed.splice(0)) call();
  }

  /** Resolves at the next change, or when the signal aborts; takes nothing along. */
  change(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      signal.addEventListener("abort", () => resolve(), { once: true });
      this.#changed.push(resolve);
    });
  }
}
