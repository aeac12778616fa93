import type { StudioState } from "./studio-state.ts";

/** Menus need not follow every move of a slider. */
export const menuDelayMs = 100;
/** What a crash loses at most, of what is kept of the recipe. */
export const keepDelayMs = 500;

export interface Teller {
  /** To be called on every change of the state. */
  follow(): void;
  /** What main has may be something else by now: it is told next time in any case. */
  forget(): void;
}

/**
 * Keeps main told of something as it changes.
 * @param tell main
 * @param toTell what to tell of a state
 * @param delayMs what happens within is told together
 * @param told what main believes at first
 */
export function createTeller<Told>(
  tell: (told: Told) => Promise<void>,
  get: () => StudioState,
  toTell: (state: StudioState) => Told,
  delayMs: number,
  told?: Told,
): Teller {
  let isWaiting = false;
  let latest: string | undefined = JSON.stringify(told);
  const tellNews = () => {
    isWaiting = false;
    const state = toTell(get());
    const text = JSON.stringify(state);
    if (text === latest) return;
    latest = text;
    // Main gone is said by whatever the user does next.
    tell(state).catch(() => undefined);
  };
  return {
    follow() {
      if (isWaiting) return;
      isWaiting = true;
      setTimeout(tellNews, delayMs);
    },
    forget() {
      latest = undefined;
    },
  };
}
