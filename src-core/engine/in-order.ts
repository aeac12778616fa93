/** Takes pieces of a row in any order, and hands each on once all before it have been. Holds only those that came early. */
export class InOrder<Piece> {
  readonly #early = new Map<number, { readonly piece: Piece; readonly length: number }>();
  readonly #take: (piece: Piece) => void;
  #next = 0;

  constructor(take: (piece: Piece) => void) {
    this.#take = take;
  }

  /** `length` is at least 1. */
  add(start: number, length: number, piece: Piece): void {
    this.#early.set(start, { piece, length });
    for (let found = this.#early.get(this.#next); found !== undefined; found = this.#early.get(this.#next)) {
      this.#early.delete(this.#next);
      this.#next += found.length;
      this.#take(found.piece);
    }
  }
}
