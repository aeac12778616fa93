/** Ends work for whoever wants it to end, or for a reason that comes up beside it: whichever is first. */
export class Stop {
  readonly #controller = new AbortController();
  readonly #wanted: AbortSignal;
  readonly #forward = () => this.#controller.abort(this.#wanted.reason);

  constructor(wanted: AbortSignal) {
    this.#wanted = wanted;
    if (wanted.aborted) this.#forward();
    wanted.addEventListener("abort", this.#forward, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  because(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** Listens to nobody any more. */
  end(): void {
    this.#wanted.removeEventListener("abort", this.#forward);
  }
}
