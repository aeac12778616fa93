import { existsSync, readFileSync } from "node:fs";
import { cpus, freemem, release, totalmem, type } from "node:os";
import { run } from "../child-process.mjs";

/**
 * The machine in a line, for the head of a table.
 * @param {string} folder what is measured lies on its disk
 */
export async function describeMachine(folder) {
  const processors = cpus();
  const { stdout } = await run("stat", ["--file-system", "--format=%T", folder]);
  const memory = `${(totalmem() / 2 ** 30).toFixed(0)} GiB memory (${(freemem() / 2 ** 30).toFixed(0)} free)`;
  return [
    `${processors[0]?.model.trim() ?? "unknown processor"}, ${processors.length} threads`,
    memory,
    `${stdout.trim() || "unknown file system"}`,
    `${type()} ${release()}`,
    `load ${load()}`,
  ].join(", ");
}

function load() {
  return existsSync("/proc/loadavg") ? (readFileSync("/proc/loadavg", "utf8").split(" ")[0] ?? "?") : "?";
}

const dropCaches = "/proc/sys/vm/drop_caches";

/** null where the page cache can be dropped, else why not. */
export function whyNotCold() {
  if (!existsSync(dropCaches)) return "only Linux lets its page cache be dropped";
  return process.getuid?.() === 0 ? null : "only root may drop the page cache";
}
