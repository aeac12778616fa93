/** A few reused pieces of memory of one size: fresh memory costs more than what is read into it (page faults). */
export class ScratchPool {
  readonly #byteLength: number;
  readonly #allocate: (byteLength: number) => Uint8Array;
  readonly #free: Uint8Array[] = [];
  readonly #waiting: ((buffer: Uint8Array) => void)[] = [];
  #left: number;

  constructor(count: number, byteLength: number, allocate = (length: number) => new Uint8Array(length)) {
    this.#left = count;
    this.#allocate = allocate;
    this.#byteLength = byteLength;
  }

  /** Runs `use` with a piece that it has for itself until it is settled; waits for one where all are in use. */
  async with<Value>(use: (borrowed: Uint8Array) => Promise<Value>): Promise<Value> {
    const buffer = await this.#take();
    try {
      return await use(buffer);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free.push(buffer);
      else next(buffer);
    }
  }

  #take(): Promise<Uint8Array> | Uint8Array {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#left > 0) {
      this.#left--;
      return this.#allocate(this.#byteLength);
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
