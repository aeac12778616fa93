import type { MergeableDtype } from "../checkpoint/dtype.ts";
import { storageRuns } from "../plan/element-runs.ts";
import type { TensorLocation } from "../plan/merge-plan.ts";
import { type Operand, operandAlignment } from "./backend.ts";
import type { Place } from "./decoded-source.ts";
import type { ViewRead } from "./gather-view.ts";
import { type OperandInput, type SpanInputs, widthOf } from "./span-inputs.ts";

/** A file range and its place in a slot's memory. */
export interface BatchRead {
  readonly source: number;
  readonly file: number;
  readonly byteOffset: number;
  readonly byteLength: number;
  readonly slotByteOffset: number;
  /** For elements that lie apart in the file: what to gather; `byteOffset` and `byteLength` are then the view's and the result's. */
  readonly view?: ViewRead;
  /** For encoded elements: where decoding counts from. Offsets and lengths are then those of the decoded elements. */
  readonly decoded?: Place;
}

/** Bytes that a read takes from the file: of FP8 a quarter of what it is decoded to. */
export function fileBytesOf({ byteLength, decoded }: BatchRead): number {
  return decoded === undefined ? byteLength : byteLength / 4;
}

/** What a read needs to know of the location, where that is encoded. */
export function decodingOf(location: TensorLocation): { readonly decoded?: Place } {
  return location.encoded === undefined ? {} : { decoded: location };
}

/** Chunks start at multiples of this many elements, so that a chunk's bytes start on a 16-byte multiple of the tensor. */
const chunkElementAlignment = 8;

/** A place in a slot's memory. */
export interface SlotRange {
  readonly slotByteOffset: number;
  readonly byteLength: number;
}

/** Lays what operations read into a slot's memory. What several roles share is read once. */
export class InputPacker {
  readonly reads: BatchRead[] = [];
  /** Where nothing is read, and zeros must stand. */
  readonly zeros: SlotRange[] = [];
  readonly #inputBytes: number;
  #filled = 0;

  constructor(inputBytes: number) {
    this.#inputBytes = inputBytes;
  }

  get fillRatio(): number {
    return this.#filled / this.#inputBytes;
  }

  /** Elements of these inputs, side by side, that still fit, in whole alignment units; each may waste up to one unit of bytes. */
  capacity({ distinct, bytesPerElement }: SpanInputs): number {
    return wholeChunks((this.#inputBytes - this.#filled - distinct.length * operandAlignment) / bytesPerElement);
  }

  /** Reads `count` elements of each input from its element `start` on; returns where each role's will lie. */
  add({ distinct, roles }: SpanInputs, start: number, count: number): Operand[] {
    const operands = distinct.map((input): Operand => {
      const byteOffset = this.#filled;
      this.#read(input, start, count);
      this.#filled += alignedBytes(count * widthOf(input.location));
      return { dtype: input.location.dtype as MergeableDtype, byteOffset };
    });
    return roles.flatMap((index) => operands[index] ?? []);
  }

  #read({ location, ranges }: OperandInput, start: number, count: number): void {
    const width = widthOf(location);
    let slotByteOffset = this.#filled;
    for (const { elementOffset, elementCount } of ranges.slice(start, count)) {
      const { source, file, byteOffset, view } = location;
      if (elementOffset === null) {
        this.zeros.push({ slotByteOffset, byteLength: elementCount * width });
        slotByteOffset += elementCount * width;
        continue;
      }
      if (view !== undefined && view.strides.at(-1) !== 1) {
        const gathered = { view, byteOffset, elementByteLength: width, elementStart: elementOffset, elementCount };
        const byteLength = elementCount * width;
        const place = { source, file, byteOffset, byteLength, slotByteOffset };
        this.reads.push({ ...place, view: gathered, ...decodingOf(location) });
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
          ...decodingOf(location),
        });
        slotByteOffset += byteLength;
      }
    }
  }
}

export function wholeChunks(elementCount: number): number {
  return Math.max(0, Math.floor(elementCount / chunkElementAlignment) * chunkElementAlignment);
}

export function alignedBytes(byteLength: number): number {
  return Math.ceil(byteLength / operandAlignment) * operandAlignment;
}
