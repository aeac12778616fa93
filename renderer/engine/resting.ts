/** So long does an input take to be answered, on a window that the processors draw. */
const restMs = 150;
/** Who goes on and on, turning a wheel, does not keep the work from being done: after so long a rest it has its turn. */
const longestRestMs = 600;
const turnMs = 150;

export interface RestClock {
  /** In milliseconds. */
  now(): number;
  wait(milliseconds: number): Promise<void>;
}

const clock: RestClock = {
  now: () => performance.now(),
  wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

/** Lets work that takes all processors rest for moments, in which something else is done at once. */
export class Resting {
  readonly #clock: RestClock;
  /** Of the rest that goes on, or was the last. */
  #start = Number.NEGATIVE_INFINITY;
  #end = Number.NEGATIVE_INFINITY;

  constructor(given = clock) {
    this.#clock = given;
  }

  /** Begins a rest, or makes the one that goes on longer. */
  rest(): void {
    const now = this.#clock.now();
    if (now >= this.#end) {
      const wasLong = this.#end - this.#start >= longestRestMs;
      if (wasLong && now < this.#end + turnMs) return;
      this.#start = now;
    }
    this.#end = Math.min(now + restMs, this.#start + longestRestMs);
  }

  /** Null where there is none now, else resolves when it is over. */
  over(): Promise<void> | null {
    return this.#clock.now() < this.#end ? this.#wait() : null;
  }

  async #wait(): Promise<void> {
    for (let left = this.#end - this.#clock.now(); left > 0; left = this.#end - this.#clock.now()) {
      await this.#clock.wait(left);
    }
  }
}
