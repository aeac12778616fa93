import { closeSync, ftruncateSync, openSync } from "node:fs";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";

/**
 * The least that any merge must do: every byte of the inputs read into a few reused buffers, an output as large as the target written, in chunks that
 * stay in the caches, by as many threads as the machine has.
 * @param {readonly (readonly { path: string, byteLength: number }[])[]} inputs by model, files
 * @param {{ path: string, byteLength: number } | null} output null for reading alone
 * @returns {Promise<number>} seconds, without starting the threads
 */
export async function copyLimit(inputs, output) {
  const files = inputs.flat();
  const shared = new SharedArrayBuffer(16);
  if (output !== null) {
    const descriptor = openSync(output.path, "w");
    ftruncateSync(descriptor, output.byteLength);
    closeSync(descriptor);
  }
  const workers = Array.from(
    { length: availableParallelism() },
    () => new Worker(new URL("./copy-worker.mjs", import.meta.url), { workerData: { files, output, shared } }),
  );
  try {
    await Promise.all(workers.map((worker) => message(worker)));
    const startedAt = performance.now();
    await Promise.all(
      workers.map((worker) => {
        worker.postMessage("go");
        return message(worker);
      }),
    );
    return (performance.now() - startedAt) / 1000;
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** @param {Worker} worker */
function message(worker) {
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}
