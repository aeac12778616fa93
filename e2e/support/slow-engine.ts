import type { Page } from "@playwright/test";

/**
 * Makes what computes, the CPU's threads or a GPU, do one piece of work in each `waitMs`, so that there is something to interrupt however fast the machine is
 * and however many pieces it could do at once. 0 lets it go on at its own pace. Lasts as long as the engine's window.
 */
export async function slowEngine(engine: Page, waitMs: number): Promise<void> {
  await engine.evaluate((wait) => {
    interface Pace {
      waitMs: number;
      next: Promise<void>;
    }
    const page = globalThis as { pace?: Pace };
    if (page.pace !== undefined) {
      page.pace.waitMs = wait;
      return;
    }
    const pace: Pace = { waitMs: wait, next: Promise.resolve() };
    page.pace = pace;
    const turn = () => {
      pace.next = pace.next.then(() => new Promise((resolve) => setTimeout(resolve, pace.waitMs)));
      return pace.next;
    };
    const { postMessage } = Worker.prototype;
    Worker.prototype.postMessage = function (this: Worker, message: unknown) {
      void turn().then(() => postMessage.call(this, message));
    };
    const { mapAsync } = GPUBuffer.prototype;
    GPUBuffer.prototype.mapAsync = async function (this: GPUBuffer, ...words: Parameters<typeof mapAsync>) {
      await turn();
      return await mapAsync.apply(this, words);
    };
  }, waitMs);
}
