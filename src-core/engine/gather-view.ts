import type { ByteSource } from "../checkpoint/byte-source.ts";
import type { StridedView } from "../plan/element-runs.ts";

/** Elements of a view, in its own order, that are wanted in memory one after another. */
export interface ViewRead {
  readonly view: StridedView;
  /** Of the view's first element, from the start of the file. */
  readonly byteOffset: number;
  readonly elementByteLength: number;
  readonly elementStart: number;
  readonly elementCount: number;
}

/** Storage is read in blocks of this size, each once, whatever order the view wants it in. */
const blockBytes = 4 * 1024 * 1024;

/**
 * Fills `destination` with elements of a view that jumps about in storage, such as a transposed matrix: reads the storage from
 * front to back in large blocks and puts every element where the view has it.
 */
export async function gatherView(source: ByteSource, read: ViewRead, destination: Uint8Array): Promise<void> {
  const { view, byteOffset, elementByteLength } = read;
  const storageCount = view.shape.reduce(
    (sum, size, dimension) => sum + (size - 1) * (view.strides[dimension] ?? 0),
    1,
  );
  const perBlock = Math.floor(blockBytes / elementByteLength);
  const block = new Uint8Array(Math.min(perBlock, storageCount) * elementByteLength);
  const placer = new Placer(read, destination);
  for (let start = 0; start < storageCount; start += perBlock) {
    const count = Math.min(perBlock, storageCount - start);
    const borrowed = block.subarray(0, count * elementByteLength);
    await source.readInto(borrowed, byteOffset + start * elementByteLength);
    placer.place(borrowed, start, start + count);
  }
}

interface Dimension {
  readonly size: number;
  readonly stride: number;
  /** How far apart two neighbours are in the view's own order. */
  readonly step: number;
  /** The furthest that all later dimensions together reach in storage. */
  readonly reachBelow: number;
}

/** Walks the view's dimensions from the widest stride to the narrowest, entering only what touches the block. */
class Placer {
  readonly #read: ViewRead;
  readonly #destination: Uint8Array;
  readonly #dimensions: readonly Dimension[];

  constructor(read: ViewRead, destination: Uint8Array) {
    this.#read = read;
    this.#destination = destination;
    this.#dimensions = dimensionsOf(read.view);
  }

  place(block: Uint8Array, from: number, to: number): void {
    this.#walk(0, 0, 0, block, from, to);
  }

  #walk(depth: number, storage: number, index: number, block: Uint8Array, from: number, to: number): void {
    const dimension = this.#dimensions[depth];
    if (dimension === undefined) {
      this.#copy(index, storage - from, block);
      return;
    }
    const { size, stride, step, reachBelow } = dimension;
    let first = stride === 0 ? 0 : Math.max(0, Math.ceil((from - storage - reachBelow) / stride));
    let last = stride === 0 ? size - 1 : Math.min(size - 1, Math.floor((to - 1 - storage) / stride));
    if (depth === this.#dimensions.length - 1) {
      const { elementStart, elementCount } = this.#read;
      first = Math.max(first, Math.ceil((elementStart - index) / step));
      last = Math.min(last, Math.floor((elementStart + elementCount - 1 - index) / step));
    }
    for (let at = first; at <= last; at++)
      this.#walk(depth + 1, storage + at * stride, index + at * step, block, from, to);
  }

  #copy(index: number, storageInBlock: number, block: Uint8Array): void {
    const { elementStart, elementByteLength } = this.#read;
    const into = (index - elementStart) * elementByteLength;
    const at = storageInBlock * elementByteLength;
    for (let byte = 0; byte < elementByteLength; byte++) this.#destination[into + byte] = block[at + byte] ?? 0;
  }
}

function dimensionsOf({ shape, strides }: StridedView): Dimension[] {
  let step = shape.reduce((product, size) => product * size, 1);
  const plain = shape.map((size, dimension) => {
    step /= Math.max(size, 1);
    return { size, stride: strides[dimension] ?? 0, step };
  });
  plain.sort((a, b) => b.stride - a.stride);
  return plain.map((dimension, depth) => ({
    ...dimension,
    reachBelow: plain.slice(depth + 1).reduce((sum, { size, stride }) => sum + (size - 1) * stride, 0),
  }));
}
