import type { Page } from "@playwright/test";

/**
 * Makes computing wait, on the CPU as on a GPU, so that there is something to interrupt however fast the machine is. Lasts as
 * long as the engine's window.
 */
export async function slowEngine(engine: Page, waitMs: number): Promise<void> {
  await engine.evaluate((wait) => {
    const { postMessage } = Worker.prototype;
    Worker.prototype.postMessage = function (this: Worker, message: unknown) {
      setTimeout(() => postMessage.call(this, message), wait);
    };
    const { mapAsync } = GPUBuffer.prototype;
    GPUBuffer.prototype.mapAsync = async function (this: GPUBuffer, ...words: Parameters<typeof mapAsync>) {
      await new Promise((resolve) => setTimeout(resolve, wait));
      return await mapAsync.apply(this, words);
    };
  }, waitMs);
}
