/**
 * Whether the threads that compute should read their files themselves. From the page cache that is by far the fastest; from a disk a thread would wait for
 * one read at a time, where many at once are faster. So it is tried, and again now and then.
 */
export class FilePace {
  #slowRounds = 0;
  #roundsSince = 0;

  /** Asked once for each round that is to be read. */
  next(): boolean {
    if (this.#slowRounds < leastSlowRounds || ++this.#roundsSince >= roundsBetweenTrials) {
      this.#roundsSince = 0;
      return true;
    }
    return false;
  }

  note(byteLength: number, milliseconds: number): void {
    this.#slowRounds = byteLength >= leastBytesPerMillisecond * milliseconds ? 0 : this.#slowRounds + 1;
  }
}

/** 2 GB/s in one thread: between a page cache (8 to 20 on the machines at hand) and what a disk gives to one read at a time. */
const leastBytesPerMillisecond = 2e6;
/** One after another: a thread that the system has let wait looks slow too. */
const leastSlowRounds = 4;
const roundsBetweenTrials = 32;
