import type { ByteSource, ImmediateSource } from "../checkpoint/byte-source.ts";
import type { Float8Dtype, ScaleDtype } from "../checkpoint/dtype.ts";
import type { EncodedElements, ScaleGrid, TensorLocation } from "../plan/merge-plan.ts";
import { decodeElement } from "../reference/decode.ts";
import { decodeE8M0, decodeFloat8 } from "../reference/float8.ts";

/** By a plan's source and file indices. */
export type SourceFiles = readonly (readonly ByteSource[])[];

/** The location of elements, as far as finding the bytes needs it. */
export type Place = Pick<TensorLocation, "source" | "file" | "byteOffset" | "encoded">;

/**
 * The bytes of a tensor in the dtype that its location says: the file itself, or, where the file holds FP8, a view of it in
 * which every element takes the four bytes of an F32, the first at the location's byteOffset.
 */
export function sourceAt(sources: SourceFiles, { source, file, byteOffset, encoded }: Place): ByteSource {
  const found = sources[source]?.[file];
  if (found === undefined) throw new RangeError(`no source ${source}, file ${file}`);
  if (encoded === undefined) return found;
  const scaleFile = encoded.scales === null ? null : sources[source]?.[encoded.scales.file];
  if (scaleFile === undefined) throw new RangeError(`no source ${source}, file ${encoded.scales?.file}`);
  return new DecodedSource(found, byteOffset, encoded, scaleFile);
}

/**
 * One element of a tensor that its file holds as FP8, decoded. `byteOffset` is the tensor's, `element` counts from its first. Throws as the
 * files do.
 */
export function decodedElement(
  source: ImmediateSource,
  scaleFile: ImmediateSource | null,
  { dtype, shape, scales }: EncodedElements,
  byteOffset: number,
  element: number,
): number {
  const bits = new Uint8Array(1);
  source.copyInto(bits, byteOffset + element);
  const value = tableOf(dtype)[bits[0] ?? 0] ?? 0;
  if (scales === null || scaleFile === null) return value;
  const { start } = new BlockWalk(shape, scales).scaleRange(element, 1);
  const width = scaleBytes[scales.dtype];
  const bytes = new Uint8Array(width);
  scaleFile.copyInto(bytes, scales.byteOffset + start * width);
  return Math.fround(value * scaleValue(scales.dtype, new DataView(bytes.buffer), 0));
}

const decodedWidth = 4;

class DecodedSource implements ByteSource {
  readonly name: string;
  readonly byteLength: number;
  readonly #source: ByteSource;
  readonly #start: number;
  readonly #encoded: EncodedElements;
  readonly #scaleFile: ByteSource | null;

  constructor(source: ByteSource, start: number, encoded: EncodedElements, scaleFile: ByteSource | null) {
    this.name = source.name;
    this.byteLength = start + decodedWidth * (source.byteLength - start);
    this.#source = source;
    this.#start = start;
    this.#encoded = encoded;
    this.#scaleFile = scaleFile;
  }

  /** Whole elements. */
  async readInto(destination: Uint8Array, byteOffset: number): Promise<void> {
    const first = (byteOffset - this.#start) / decodedWidth;
    const count = destination.byteLength / decodedWidth;
    if (!Number.isInteger(first) || !Number.isInteger(count)) throw new RangeError("part of an element");
    if (destination.byteOffset % decodedWidth !== 0) {
      // Between odd numbers of two-byte elements.
      const aligned = new Uint8Array(destination.byteLength);
      await this.readInto(aligned, byteOffset);
      destination.set(aligned);
      return;
    }
    const values = new Float32Array(destination.buffer, destination.byteOffset, count);
    // The encoded bytes go to the end of the same memory: decoding from front to back stays behind what it has read.
    const encoded = destination.subarray(destination.byteLength - count);
    await this.#source.readInto(encoded, this.#start + first);
    const { dtype, shape, scales } = this.#encoded;
    const table = tableOf(dtype);
    if (scales === null || this.#scaleFile === null) {
      for (let i = 0; i < count; i++) values[i] = table[encoded[i] ?? 0] ?? 0;
      return;
    }
    const blocks = new BlockWalk(shape, scales);
    const range = blocks.scaleRange(first, count);
    const factors = await readScales(this.#scaleFile, scales, range.start, range.count);
    blocks.forEach(first, count, (start, end, scale) => {
      const factor = factors[scale - range.start] ?? 0;
      for (let i = start - first; i < end - first; i++) values[i] = (table[encoded[i] ?? 0] ?? 0) * factor;
    });
  }
}

/** The runs of a tensor's elements that share a scale. */
class BlockWalk {
  readonly #grid: ScaleGrid;
  readonly #shape: readonly number[];

  constructor(shape: readonly number[], grid: ScaleGrid) {
    this.#shape = shape;
    this.#grid = grid;
  }

  /** Scales from the first that the elements have to the last: whole ranks of the first dimension that has several. */
  scaleRange(first: number, count: number): { readonly start: number; readonly count: number } {
    let least = Number.POSITIVE_INFINITY;
    let greatest = 0;
    this.forEach(first, count, (_start, _end, scale) => {
      least = Math.min(least, scale);
      greatest = Math.max(greatest, scale);
    });
    return count === 0 ? { start: 0, count: 0 } : { start: least, count: greatest - least + 1 };
  }

  forEach(first: number, count: number, visit: (start: number, end: number, scale: number) => void): void {
    const last = this.#shape.length - 1;
    const width = this.#shape[last] ?? 1;
    const block = this.#grid.block[last] ?? 1;
    for (let start = first; start < first + count; ) {
      const column = start % width;
      const toBlockEnd = Math.min(block - (column % block), width - column);
      const end = Math.min(start + toBlockEnd, first + count);
      visit(start, end, this.#scaleAt(start));
      start = end;
    }
  }

  #scaleAt(element: number): number {
    let rest = element;
    let scale = 0;
    let step = 1;
    for (let dimension = this.#shape.length - 1; dimension >= 0; dimension--) {
      const size = this.#shape[dimension] ?? 1;
      scale += Math.floor((rest % size) / (this.#grid.block[dimension] ?? 1)) * step;
      step *= this.#grid.counts[dimension] ?? 1;
      rest = Math.floor(rest / size);
    }
    return scale;
  }
}

const scaleBytes = { F32: 4, F16: 2, BF16: 2, F8_E8M0: 1 } as const satisfies Record<ScaleDtype, number>;

async function readScales(file: ByteSource, grid: ScaleGrid, start: number, count: number): Promise<Float32Array> {
  const width = scaleBytes[grid.dtype];
  const bytes = new Uint8Array(count * width);
  await file.readInto(bytes, grid.byteOffset + start * width);
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: count }, (_, index) => scaleValue(grid.dtype, view, index));
}

function scaleValue(dtype: ScaleDtype, view: DataView, index: number): number {
  if (dtype === "F8_E8M0") return decodeE8M0(view.getUint8(index));
  if (dtype === "F32") return decodeElement(dtype, view.getUint32(index * 4, true));
  return decodeElement(dtype, view.getUint16(index * 2, true));
}

const tables = new Map<Float8Dtype, Float32Array>();

function tableOf(dtype: Float8Dtype): Float32Array {
  const known = tables.get(dtype);
  if (known !== undefined) return known;
  const table = Float32Array.from({ length: 256 }, (_, bits) => decodeFloat8(dtype, bits));
  tables.set(dtype, table);
  return table;
}
