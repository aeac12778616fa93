/** How far what is written has been followed (output-follower.ts), for whoever must not get too far ahead. */
export class FollowedBytes {
  #bytes = 0;
  #listener: ((bytes: number) => void) | null = null;

  get bytes(): number {
    return this.#bytes;
  }

  set(bytes: number): void {
    this.#bytes = bytes;
    this.#listener?.(bytes);
  }

  /** One at a time: an export is one engine's. Returns what ends it. */
  listen(listener: (bytes: number) => void): () => void {
    this.#listener = listener;
    return () => {
      if (this.#listener === listener) this.#listener = null;
    };
  }
}
