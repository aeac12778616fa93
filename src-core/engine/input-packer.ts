import { bytesPerElement, type MergeableDtype } from "../checkpoint/dtype.ts";
import type { TensorLocation } from "../plan/merge-plan.ts";
import { type Operand, operandAlignment } from "./backend.ts";

/** A file range and its place in a slot's memory. */
export interface BatchRead {
  readonly source: number;
  readonly file: number;
  readonly byteOffset: number;
  readonly byteLength: number;
  readonly slotByteOffset: number;
}

/** A run of a tensor's elements that an operation reads. */
export interface InputRange {
  readonly location: TensorLocation;
  readonly elementOffset: number;
}

/** Chunks start at multiples of this many elements, so that a chunk's bytes start on a 16-byte multiple of the tensor. */
const chunkElementAlignment = 8;

/** Lays what operations read into a slot's memory. What several roles share is read once. */
export class InputPacker {
  readonly reads: BatchRead[] = [];
  readonly #inputBytes: number;
  #filled = 0;

  constructor(inputBytes: number) {
    this.#inputBytes = inputBytes;
  }

  get fillRatio(): number {
    return this.#filled / this.#inputBytes;
  }

  /** Elements of these ranges, side by side, that still fit, in whole alignment units; each range may waste up to one unit of bytes. */
  capacity(ranges: readonly InputRange[]): number {
    const distinct = distinctRanges(ranges);
    const perElement = distinct.reduce((sum, { location }) => sum + widthOf(location), 0);
    return wholeChunks((this.#inputBytes - this.#filled - distinct.length * operandAlignment) / perElement);
  }

  /** Reads `count` elements of each range; returns where they will lie, in the ranges' order. */
  add(ranges: readonly InputRange[], count: number): Operand[] {
    const places = new Map<string, number>();
    for (const range of distinctRanges(ranges)) {
      const { location, elementOffset } = range;
      const byteLength = count * widthOf(location);
      this.reads.push({
        source: location.source,
        file: location.file,
        byteOffset: location.byteOffset + elementOffset * widthOf(location),
        byteLength,
        slotByteOffset: this.#filled,
      });
      places.set(keyOf(range), this.#filled);
      this.#filled += alignedBytes(byteLength);
    }
    return ranges.map((range) => ({
      dtype: range.location.dtype as MergeableDtype,
      byteOffset: places.get(keyOf(range)) ?? 0,
    }));
  }
}

/** Each range once, in order of first mention: a target that is also the base is read a single time. */
export function distinctRanges(ranges: readonly InputRange[]): InputRange[] {
  return [...new Map(ranges.map((range) => [keyOf(range), range])).values()];
}

export function wholeChunks(elementCount: number): number {
  return Math.max(0, Math.floor(elementCount / chunkElementAlignment) * chunkElementAlignment);
}

export function alignedBytes(byteLength: number): number {
  return Math.ceil(byteLength / operandAlignment) * operandAlignment;
}

export function widthOf({ dtype }: TensorLocation): 2 | 4 {
  return bytesPerElement(dtype as MergeableDtype);
}

function keyOf({ location: { source, file, byteOffset }, elementOffset }: InputRange): string {
  return `${source} ${file} ${byteOffset} ${elementOffset}`;
}
