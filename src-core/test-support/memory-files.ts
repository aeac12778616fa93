import type { ByteSink, ImmediateSource } from "../checkpoint/byte-source.ts";
import { StudioError } from "../errors.ts";
import { Random } from "../random.ts";

/** A file in memory that answers late, in pieces out of order with others, as a disk does. */
export class MemorySource implements ImmediateSource {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly #delay: () => Promise<void>;
  reads = 0;

  constructor(name: string, bytes: Uint8Array, delay: () => Promise<void> = () => Promise.resolve()) {
    this.name = name;
    this.bytes = bytes;
    this.#delay = delay;
  }

  get byteLength(): number {
    return this.bytes.byteLength;
  }

  async readInto(destination: Uint8Array, byteOffset: number): Promise<void> {
    await this.#delay();
    this.copyInto(destination, byteOffset);
  }

  copyInto(destination: Uint8Array, byteOffset: number): void {
    this.reads++;
    if (byteOffset + destination.byteLength > this.bytes.byteLength) {
      throw new StudioError({ code: "read-failed", what: "read past the end", where: this.name });
    }
    destination.set(this.bytes.subarray(byteOffset, byteOffset + destination.byteLength));
  }
}

/** An output file in memory; a byte written twice is a defect, and so is one past the end. */
export class MemorySink implements ByteSink {
  readonly bytes: Uint8Array;
  readonly written: Uint8Array;
  readonly #delay: () => Promise<void>;
  /** Rejects this write and all later ones, as a full disk does. */
  failAfterWrites = Number.POSITIVE_INFINITY;
  writes = 0;

  constructor(byteLength: number, delay: () => Promise<void> = () => Promise.resolve()) {
    this.bytes = new Uint8Array(byteLength);
    this.written = new Uint8Array(byteLength);
    this.#delay = delay;
  }

  async write(borrowedBytes: Uint8Array, byteOffset: number): Promise<void> {
    await this.#delay();
    if (this.writes++ >= this.failAfterWrites)
      throw new StudioError({ code: "output-space", what: "the disk is full" });
    if (byteOffset + borrowedBytes.byteLength > this.bytes.byteLength) throw new RangeError("write past the end");
    for (let i = byteOffset; i < byteOffset + borrowedBytes.byteLength; i++) {
      if (this.written[i] !== 0) throw new Error(`byte ${i} written twice`);
      this.written[i] = 1;
    }
    this.bytes.set(borrowedBytes, byteOffset);
  }
}

/** Random bytes in which every 16-bit half is a small normal number in bf16 and f16, so that sums stay finite. */
export function randomWeights(byteLength: number, seed: number): Uint8Array {
  const random = new Random(seed);
  const halves = new Uint16Array(Math.ceil(byteLength / 2));
  for (let i = 0; i < halves.length; i++) {
    const bits = random.bits();
    halves[i] = ((bits & 1) << 15) | (0x3800 + ((bits >>> 1) % 0x0400));
  }
  return new Uint8Array(halves.buffer, 0, byteLength);
}

/** Waits of a few turns of the event loop, different from call to call. */
export function jitter(seed: number): () => Promise<void> {
  const random = new Random(seed);
  return async () => {
    for (let turns = random.integer(4); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
  };
}
