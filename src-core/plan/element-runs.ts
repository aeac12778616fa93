/** Consecutive elements of a span and those of chat and of base that they meet. */
export interface ElementRun {
  /** The first element in the chat model's tensor. */
  readonly chat: number;
  /** The first element in the base model's tensor. */
  readonly base: number;
  readonly elementCount: number;
}

/** A run of one tensor's elements. */
export interface ElementRange {
  readonly elementOffset: number;
  readonly elementCount: number;
}

/** Where the elements of a tensor lie whose order in storage is not their own. */
export interface StridedView {
  readonly shape: readonly number[];
  /** In elements, one for each dimension. */
  readonly strides: readonly number[];
}

/** Runs of storage, in elements, that hold the view's elements from `start` on, `count` of them, in the view's order. */
export function* storageRuns(view: StridedView, start: number, count: number): Generator<ElementRange> {
  const { shape, strides } = view;
  const last = shape.length - 1;
  const width = shape[last] ?? 1;
  const isDense = (strides[last] ?? 1) === 1;
  let index = start;
  const end = start + count;
  while (index < end) {
    const column = index % width;
    const taken = isDense ? Math.min(width - column, end - index) : 1;
    yield { elementOffset: storageOffset(view, index), elementCount: taken };
    index += taken;
  }
}

function storageOffset({ shape, strides }: StridedView, index: number): number {
  let rest = index;
  let offset = 0;
  for (let dimension = shape.length - 1; dimension >= 0; dimension--) {
    const size = shape[dimension] ?? 1;
    offset += (rest % size) * (strides[dimension] ?? 0);
    rest = Math.floor(rest / size);
  }
  return offset;
}
