import type { CDPSession, Page } from "@playwright/test";

/** An input, and what shows that it had an effect. */
export interface Interaction {
  readonly name: string;
  /** The event that a person makes, as the page gets it. */
  readonly event: "keydown" | "pointerdown" | "pointermove";
  /** Matches something once the effect is there, and nothing before. */
  readonly effect: string;
  readonly act: (ui: Page) => Promise<void>;
  /** Back to where it can be done again. */
  readonly undo: (ui: Page) => Promise<void>;
}

/** In milliseconds. */
export interface Latency {
  /** From when the browser got the input, so that waiting for the page counts, to the end of the frame that shows its effect. */
  readonly shown: number;
  /** What the window's own thread computed meanwhile, whatever else the machine did. */
  readonly own: number;
}

/** Makes an input and waits for its effect, which is looked for once a frame; then takes it back. */
export async function latencyOf(
  ui: Page,
  { event, effect, act, undo }: Interaction,
  thread: CDPSession,
): Promise<Latency> {
  await ui.evaluate(armInPage, { event, effect });
  const before = await computedMs(thread);
  await act(ui);
  const shown = await ui.evaluate(() => (window as unknown as { latency: Promise<number> }).latency);
  const own = (await computedMs(thread)) - before;
  await undo(ui);
  return { shown, own };
}

/** For `latencyOf`: counts the time of the window's thread, not that of the clock. */
export async function watchThread(ui: Page): Promise<CDPSession> {
  const session = await ui.context().newCDPSession(ui);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  return session;
}

async function computedMs(session: CDPSession): Promise<number> {
  const { metrics } = await session.send("Performance.getMetrics");
  return 1000 * (metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN);
}

function armInPage({ event, effect }: { readonly event: string; readonly effect: string }): void {
  if (document.querySelector(effect) !== null) throw new Error(`${effect} is there before the input`);
  const latency = new Promise<number>((resolve, reject) => {
    const started = (input: Event) => {
      const look = () => {
        if (document.querySelector(effect) === null) {
          if (performance.now() - input.timeStamp > 10_000) reject(new Error(`${effect} did not come`));
          else requestAnimationFrame(look);
          return;
        }
        // A task behind this frame's painting.
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => resolve(performance.now() - input.timeStamp);
        port2.postMessage(null);
      };
      requestAnimationFrame(look);
    };
    window.addEventListener(event, started, { capture: true, once: true });
  });
  Object.assign(window, { latency });
}

export interface Spread {
  readonly median: number;
  readonly worst: number;
}

export function spreadOf(milliseconds: readonly number[]): Spread {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  return { median: at(Math.floor(sorted.length / 2)), worst: at(sorted.length - 1) };
}
