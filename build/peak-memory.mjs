import { readdirSync, readFileSync } from "node:fs";

/**
 * @typedef {object} Memory bytes, summed over a process and all its descendants
 * @property {number} own anonymous and shared memory (shared pages counted by their share): what the program holds
 * @property {number} resident as the usual tools add it up: own, and pages of mapped files that the page cache could drop
 */

/**
 * Watches a process and its descendants (Linux) until `stop` is called.
 * @param {number} rootPid
 * @param {number} intervalMilliseconds
 */
export function watchPeakMemory(rootPid, intervalMilliseconds = 100) {
  /** @type {Memory} */
  const peak = { own: 0, resident: 0 };
  const sample = () => {
    const now = memoryOf(rootPid);
    peak.own = Math.max(peak.own, now.own);
    peak.resident = Math.max(peak.resident, now.resident);
  };
  const timer = setInterval(sample, intervalMilliseconds);
  return {
    /** @returns {Memory} */
    stop() {
      clearInterval(timer);
      return peak;
    },
  };
}

/**
 * @param {number} rootPid
 * @returns {Memory}
 */
function memoryOf(rootPid) {
  const memory = { own: 0, resident: 0 };
  for (const pid of withDescendants(rootPid)) {
    const text = readText(`/proc/${pid}/smaps_rollup`);
    if (text === null) continue;
    const bytes = (/** @type {string} */ field) =>
      Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0) * 1024;
    memory.own += bytes("Pss_Anon") + bytes("Pss_Shmem");
    memory.resident += bytes("Rss");
  }
  return memory;
}

/** @param {number} rootPid */
function withDescendants(rootPid) {
  /** @type {Map<number, number[]>} */
  const children = new Map();
  for (const entry of readdirSync("/proc")) {
    // "pid (name) state parent …"; the name may hold spaces and parentheses.
    const parent = /\) \S (\d+) /.exec(readText(`/proc/${entry}/stat`) ?? "")?.[1];
    if (!/^\d+$/.test(entry) || parent === undefined) continue;
    children.set(Number(parent), [...(children.get(Number(parent)) ?? []), Number(entry)]);
  }
  const pids = [rootPid];
  for (let at = 0; at < pids.length; at++) pids.push(...(children.get(pids[at] ?? 0) ?? []));
  return pids;
}

/** @param {string} path */
function readText(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // The process has ended, or is someone else's.
    return null;
  }
}
