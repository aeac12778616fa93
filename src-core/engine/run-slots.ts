import type { Slot } from "./backend.ts";

export interface SlotOptions {
  readonly signal: AbortSignal;
  /** Null where there is no rest now, else resolves when it is over: no round is begun in it. */
  readonly rest?: () => Promise<void> | null;
}

/**
 * Lets every slot do rounds of work until there is none left: while one slot reads, another computes and a third writes.
 * `round` answers false when there is nothing more to do. Rejects with the first failure, or the signal's reason, after every
 * slot has come to rest: nothing is in flight then. A round's own signal tells it that either has happened, for what may else wait forever.
 */
export async function runSlots(
  slots: readonly Slot[],
  { signal, rest }: SlotOptions,
  round: (slot: Slot, stopped: AbortSignal) => Promise<boolean>,
): Promise<void> {
  const stop = new AbortController();
  const forward = () => stop.abort(signal.reason);
  signal.addEventListener("abort", forward, { once: true });
  const workers = slots.map(async (slot) => {
    try {
      do {
        await rest?.();
      } while (!stop.signal.aborted && !signal.aborted && (await round(slot, stop.signal)));
    } catch (error) {
      stop.abort(error);
    }
  });
  await Promise.all(workers);
  signal.removeEventListener("abort", forward);
  signal.throwIfAborted();
  stop.signal.throwIfAborted();
}
