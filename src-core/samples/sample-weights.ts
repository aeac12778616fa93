import { bytesPerElement } from "../checkpoint/dtype.ts";
import { deltaOf } from "./sample-deltas.ts";
import { blockElementCount, type ElementStream, makeElements, SampleBlock } from "./sample-kernel.ts";
import type { SampleDescription, SampleRole } from "./sample-options.ts";
import { hashText, mix32 } from "./sample-random.ts";
import { matrixDeviation, type SampleTables, sampleTables } from "./sample-tables.ts";
import type { SampleTensor } from "./sample-tensors.ts";
import { targetTokens } from "./sample-vocabulary.ts";

/**
 * Makes the tensors of one model of a sample triple. The base's values are drawn and rounded to its dtype; chat and target
 * are that plus their deltas, rounded to their own. What a tensor holds depends on the description, its name and the role, so
 * any range of any tensor can be made at any time.
 */
export class SampleWeights {
  readonly #description: SampleDescription;
  readonly #role: SampleRole;
  readonly #elementSize: number;
  readonly #tables: SampleTables;
  readonly #block: SampleBlock;
  /** The base's row that each row of the target's embeddings comes from, −1 for its own tokens; null where ids are the same. */
  readonly #baseRows: Int32Array | null;

  constructor(description: SampleDescription, role: SampleRole) {
    this.#description = description;
    this.#role = role;
    this.#elementSize = bytesPerElement(description.dtypes[role]);
    this.#tables = sampleTables(description.dtypes.base);
    this.#block = new SampleBlock(description.dtypes[role]);
    this.#baseRows =
      role === "target" && description.targetVocabulary !== null ? targetTokens(description).baseRows : null;
  }

  /** Fills `destination` with a tensor's bytes from `firstByte`, which need not be an element's first. */
  fill(tensor: SampleTensor, firstByte: number, destination: Uint8Array): void {
    const rows = new RowStream(tensor, this.#streamOf(tensor), this.#rowMapOf(tensor), this.#role);
    const size = this.#elementSize;
    let filled = 0;
    while (filled < destination.byteLength) {
      const at = firstByte + filled;
      const first = Math.floor(at / size);
      const last = Math.ceil((firstByte + destination.byteLength) / size);
      const count = Math.min(blockElementCount, last - first);
      rows.make(first, this.#block.floats, count);
      this.#block.encode(count);
      const start = at - first * size;
      const end = Math.min(count * size, start + destination.byteLength - filled);
      destination.set(this.#block.bytes.subarray(start, end), filled);
      filled += end - start;
    }
  }

  #streamOf(tensor: SampleTensor): ElementStream {
    const key = hashText(tensor.name, this.#description.seed);
    const delta = deltaOf(tensor, key);
    const isNorm = tensor.shape.length === 1;
    const magnitude = isNorm ? 1 : matrixDeviation;
    const stream = { key, baseValues: isNorm ? this.#tables.norm : this.#tables.matrix, normal: this.#tables.standard };
    if (this.#role === "base") return { ...stream, sharedDeviation: 0, ownDeviation: 0 };
    if (this.#role === "chat") return { ...stream, sharedDeviation: delta.chat * magnitude, ownDeviation: 0 };
    const deviation = delta.target * magnitude;
    const ownShare = Math.sqrt(1 - delta.cosine * delta.cosine);
    return { ...stream, sharedDeviation: deviation * delta.cosine, ownDeviation: deviation * ownShare };
  }

  #rowMapOf({ module }: SampleTensor): Int32Array | null {
    return module === "embedding" || module === "head" ? this.#baseRows : null;
  }
}

/** Elements of one tensor, row by row. */
class RowStream {
  readonly #columns: number;
  readonly #stream: ElementStream;
  readonly #ownTokens: ElementStream;
  readonly #baseRows: Int32Array | null;
  readonly #gainKey: number | null;

  constructor({ shape }: SampleTensor, stream: ElementStream, baseRows: Int32Array | null, role: SampleRole) {
    this.#columns = shape[shape.length - 1] as number;
    this.#stream = stream;
    this.#ownTokens = { ...stream, key: mix32(stream.key ^ 0x6a09_e667) };
    this.#baseRows = baseRows;
    this.#gainKey = shape.length === 1 ? null : mix32(stream.key ^ (role === "chat" ? 0x3c6e_f372 : 0xa54f_f53a));
  }

  make(first: number, out: Float32Array, count: number): void {
    for (let made = 0; made < count; ) {
      const row = Math.floor((first + made) / this.#columns);
      const column = first + made - row * this.#columns;
      const length = Math.min(this.#columns - column, count - made);
      const baseRow = this.#baseRows === null ? row : (this.#baseRows[row] as number);
      // A token that the base lacks has a row of its own, like a fresh one.
      if (baseRow < 0) makeElements(this.#ownTokens, 0, row * this.#columns + column, out, made, length);
      else makeElements(this.#stream, this.#gainOf(baseRow), baseRow * this.#columns + column, out, made, length);
      made += length;
    }
  }

  /** Deltas differ from row to row by ±15 %, and one row in 64 stands out, as in trained models; on average they are as asked. */
  #gainOf(row: number): number {
    if (this.#gainKey === null) return 1;
    const hash = mix32(this.#gainKey + row);
    const gain = (hash & 63) === 0 ? outstandingGain : 0.85 + (0.3 * (hash >>> 6)) / 2 ** 26;
    return gain / rootMeanSquareGain;
  }
}

const outstandingGain = 2.2;
const rootMeanSquareGain = Math.sqrt((63 * (1 + (0.15 * 0.15) / 3) + outstandingGain * outstandingGain) / 64);
