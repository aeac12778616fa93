import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";

/** Of a read and of a write: small enough that a thread's buffer stays in its caches. */
const chunkBytes = 1024 * 1024;

/** @type {{ files: readonly { path: string, byteLength: number }[], output: { path: string, byteLength: number } | null, shared: SharedArrayBuffer }} */
const { files, output, shared } = workerData;
const read = new Int32Array(shared, 0, 1);
const written = new Int32Array(shared, 4, 1);
const buffer = new Uint8Array(new SharedArrayBuffer(chunkBytes));
const sources = files.map(({ path }) => openSync(path, "r"));
const sink = output === null ? null : openSync(output.path, "r+");
const chunks = files.flatMap(({ byteLength }, file) =>
  Array.from({ length: Math.ceil(byteLength / chunkBytes) }, (_, index) => ({ file, at: index * chunkBytes })),
);
const writes = output === null ? 0 : Math.ceil(output.byteLength / chunkBytes);

parentPort?.once("message", () => {
  for (;;) {
    const index = Atomics.add(read, 0, 1);
    const chunk = chunks[index];
    if (chunk === undefined) break;
    readSync(sources[chunk.file] ?? -1, buffer, 0, chunkBytes, chunk.at);
    // As far along with writing as with reading.
    if (((index + 1) * writes) / chunks.length > Atomics.load(written, 0)) writeNext();
  }
  while (writeNext());
  for (const descriptor of sources) closeSync(descriptor);
  if (sink !== null) closeSync(sink);
  parentPort?.postMessage("done");
});
parentPort?.postMessage("ready");

function writeNext() {
  const index = Atomics.add(written, 0, 1);
  if (index >= writes || sink === null || output === null) return false;
  const at = index * chunkBytes;
  writeSync(sink, buffer, 0, Math.min(chunkBytes, output.byteLength - at), at);
  return true;
}
