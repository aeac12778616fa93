import type { ElementRange } from "../plan/element-runs.ts";

/** Elements one after another, wherever they lie; null where there are none, and zeros stand in. */
export interface GatheredRange {
  readonly elementOffset: number | null;
  readonly elementCount: number;
}

/** Ranges by the place that they have together: of a shuffled vocabulary there is one for every row. */
export class RangeList {
  readonly #ranges: readonly GatheredRange[];
  /** Where each range starts, and the end. */
  readonly #starts: Float64Array;

  constructor(ranges: readonly GatheredRange[]) {
    this.#ranges = ranges;
    this.#starts = new Float64Array(ranges.length + 1);
    ranges.forEach(({ elementCount }, index) => {
      this.#starts[index + 1] = (this.#starts[index] ?? 0) + elementCount;
    });
  }

  static of({ elementOffset, elementCount }: ElementRange): RangeList {
    return new RangeList([{ elementOffset, elementCount }]);
  }

  get elementCount(): number {
    return this.#starts[this.#ranges.length] ?? 0;
  }

  /** Whether they lie one after another. */
  get isOneRun(): boolean {
    return this.#ranges.length === 1;
  }

  /** Elements that lie somewhere. */
  get storedCount(): number {
    return this.#ranges.reduce((sum, range) => sum + (range.elementOffset === null ? 0 : range.elementCount), 0);
  }

  equals(other: RangeList): boolean {
    if (this === other) return true;
    return (
      this.#ranges.length === other.#ranges.length &&
      this.#ranges.every(({ elementOffset, elementCount }, index) => {
        const range = other.#ranges[index];
        return range?.elementOffset === elementOffset && range.elementCount === elementCount;
      })
    );
  }

  /** Which range the element at a place is of, and how far into it. Throws a RangeError beyond the end. */
  at(place: number): { readonly index: number; readonly within: number } {
    if (place < 0 || place >= this.elementCount) throw new RangeError(`element ${place} of ${this.elementCount}`);
    let low = 0;
    let high = this.#ranges.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= place) low = middle;
      else high = middle - 1;
    }
    return { index: low, within: place - (this.#starts[low] ?? 0) };
  }

  /** What the elements from `start` on are, `count` of them. */
  slice(start: number, count: number): GatheredRange[] {
    const sliced: GatheredRange[] = [];
    let { index, within } = count > 0 ? this.at(start) : { index: 0, within: 0 };
    for (let left = count; left > 0; index++, within = 0) {
      const range = this.#ranges[index];
      if (range === undefined) throw new RangeError(`${left} elements too many`);
      const taken = Math.min(left, range.elementCount - within);
      const { elementOffset } = range;
      if (taken > 0) {
        sliced.push({ elementOffset: elementOffset === null ? null : elementOffset + within, elementCount: taken });
      }
      left -= taken;
    }
    return sliced;
  }
}
