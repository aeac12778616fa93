/** A set of integers held as disjoint ranges [start, end), ascending; neighbours are joined. */
export class RangeSet {
  readonly #ranges: { start: number; end: number }[] = [];

  get ranges(): readonly { readonly start: number; readonly end: number }[] {
    return this.#ranges;
  }

  /** Elements in all. */
  get size(): number {
    return this.#ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  }

  add(start: number, end: number): void {
    if (end <= start) return;
    // Most ranges come in order: the search starts from what touches the new one.
    const first = this.#firstEndingAtOrAfter(start);
    let last = first;
    let from = start;
    let to = end;
    for (let range = this.#ranges[last]; range !== undefined && range.start <= end; range = this.#ranges[++last]) {
      from = Math.min(from, range.start);
      to = Math.max(to, range.end);
    }
    this.#ranges.splice(first, last - first, { start: from, end: to });
  }

  /** Whether all of [start, end) is in the set; an empty range always is. */
  covers(start: number, end: number): boolean {
    if (end <= start) return true;
    const range = this.#ranges[this.#firstEndingAtOrAfter(start + 1)];
    return range !== undefined && range.start <= start && range.end >= end;
  }

  #firstEndingAtOrAfter(position: number): number {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ranges[middle]?.end ?? 0) < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
