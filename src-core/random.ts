/** A seeded stream of random numbers (splitmix32-like mixing of a counter): the same seed, the same stream, on every machine. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Uniform over 0 … 2³²−1. */
  bits(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }

  /** Uniform over 0 … limit−1, for limits up to 2⁵³: two draws, so that large tensors are reached everywhere. */
  integer(limit: number): number {
    const fraction = (this.bits() * 2 ** 21 + (this.bits() >>> 11)) / 2 ** 53;
    return Math.floor(fraction * limit);
  }
}
