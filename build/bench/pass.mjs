import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { runApplication } from "./application.mjs";

/** What the engine does with files and numbers. */
const kinds = new Set(["read", "wait", "merge", "measure", "readback", "write"]);

/**
 * Runs a command with a trace, and says beside its whole time how long the pass itself took: from the first read to the last of what was computed or
 * written. Not in it are the start of the engine's window, opening, planning, and what an export does before and after.
 * @param {readonly string[]} args
 * @param {string} folder for the trace
 * @returns {Promise<{ result: any, passSeconds: number, peakBytes: number }>}
 */
export async function runTraced(args, folder) {
  const path = join(folder, "trace.json");
  try {
    const { result, peakBytes } = await runApplication([...args, "--trace", path]);
    return { result, peakBytes, passSeconds: passOf(await readEvents(path)) };
  } finally {
    await rm(path, { force: true });
  }
}

/**
 * @param {string} path of a trace, which may end after any event
 * @returns {Promise<{ ph: string, name: string, ts: number, dur: number, args: { bytes?: number } }[]>} times in microseconds
 */
export async function readEvents(path) {
  const text = (await readFile(path, "utf8")).trimEnd().replace(/,$/, "");
  return JSON.parse(`${text}]`);
}

/** @param {readonly { ph: string, name: string, ts: number, dur: number }[]} events */
function passOf(events) {
  const spans = events.filter(({ ph, name }) => ph === "X" && kinds.has(name));
  const start = Math.min(...spans.map(({ ts }) => ts));
  return (Math.max(...spans.map(({ ts, dur }) => ts + dur)) - start) / 1e6;
}
