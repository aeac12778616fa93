import { bytesPerElement, type MergeableDtype } from "../checkpoint/dtype.ts";
import { type ElementRange, sliceRanges, storageRuns } from "../plan/element-runs.ts";
import type { TensorLocation } from "../plan/merge-plan.ts";
import { type Operand, operandAlignment } from "./backend.ts";
import type { ViewRead } from "./gather-view.ts";

/** A file range and its place in a slot's memory. */
export interface BatchRead {
  readonly source: number;
  readonly file: number;
  readonly byteOffset: number;
  readonly byteLength: number;
  readonly slotByteOffset: number;
  /** For elements that lie apart in the file: what to gather; `byteOffset` and `byteLength` are then the view's and the result's. */
  readonly view?: ViewRead;
}

/** The elements of a tensor that an operation reads, one after another. */
export interface OperandInput {
  readonly location: TensorLocation;
  readonly ranges: readonly ElementRange[];
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

  /** Elements of these inputs, side by side, that still fit, in whole alignment units; each may waste up to one unit of bytes. */
  capacity(inputs: readonly OperandInput[]): number {
    const distinct = distinctInputs(inputs);
    const perElement = distinct.reduce((sum, { location }) => sum + widthOf(location), 0);
    return wholeChunks((this.#inputBytes - this.#filled - distinct.length * operandAlignment) / perElement);
  }

  /** Reads `count` elements of each input from its element `start` on; returns where they will lie, in the inputs' order. */
  add(inputs: readonly OperandInput[], start: number, count: number): Operand[] {
    const places = new Map<string, number>();
    for (const input of distinctInputs(inputs)) {
      places.set(keyOf(input), this.#filled);
      this.#read(input, start, count);
      this.#filled += alignedBytes(count * widthOf(input.location));
    }
    return inputs.map((input) => ({
      dtype: input.location.dtype as MergeableDtype,
      byteOffset: places.get(keyOf(input)) ?? 0,
    }));
  }

  #read({ location, ranges }: OperandInput, start: number, count: number): void {
    const width = widthOf(location);
    let slotByteOffset = this.#filled;
    for (const { elementOffset, elementCount } of sliceRanges(ranges, start, count)) {
      const { source, file, byteOffset, view } = location;
      if (view !== undefined && view.strides.at(-1) !== 1) {
        const gathered = { view, byteOffset, elementByteLength: width, elementStart: elementOffset, elementCount };
        const byteLength = elementCount * width;
        this.reads.push({ source, file, byteOffset, byteLength, slotByteOffset, view: gathered });
        slotByteOffset += byteLength;
        continue;
      }
      const pieces =
        view === undefined ? [{ elementOffset, elementCount }] : storageRuns(view, elementOffset, elementCount);
      for (const piece of pieces) {
        const byteLength = piece.elementCount * width;
        this.reads.push({
          source,
          file,
          byteOffset: byteOffset + piece.elementOffset * width,
          byteLength,
          slotByteOffset,
        });
        slotByteOffset += byteLength;
      }
    }
  }
}

/** Each input once, in order of first mention: a target that is also the base is read a single time. */
export function distinctInputs(inputs: readonly OperandInput[]): OperandInput[] {
  return [...new Map(inputs.map((input) => [keyOf(input), input])).values()];
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

/** Inputs of one run, as most are, are the same when they start at the same place; longer lists only when they are one list. */
function keyOf({ location: { source, file, byteOffset, view }, ranges }: OperandInput): string {
  const runs = ranges.map(({ elementOffset }) => elementOffset).join();
  return `${source} ${file} ${byteOffset} ${view?.strides.join() ?? ""} ${runs}`;
}
