import { writeFile } from "node:fs/promises";
import { run } from "../child-process.mjs";

/** What was read is read from the disk again. Linux, as root. */
export async function dropPageCache() {
  // Dirty pages stay unless they are written first.
  await run("sync", []);
  await writeFile("/proc/sys/vm/drop_caches", "1");
}

/** What is still being written to disk would slow down the next one. */
export async function settle() {
  await run("sync", []);
}
