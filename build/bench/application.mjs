import { spawn } from "node:child_process";
import { join } from "node:path";
import { checkout } from "../checkout.mjs";
import { watchPeakMemory } from "../peak-memory.mjs";

/**
 * Runs a command of the application and returns what it prints under --json, with the wall time and the peak of its processes' memory.
 * @param {readonly string[]} args
 * @returns {Promise<{ result: any, wallSeconds: number, peakBytes: number }>}
 */
export async function runApplication(args) {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [join(checkout, "build", "cli.mjs"), ...args, "--json"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const watch = process.platform === "linux" ? watchPeakMemory(child.pid ?? 0) : null;
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  const wallSeconds = (performance.now() - startedAt) / 1000;
  const peakBytes = watch?.stop().own ?? Number.NaN;
  if (code !== 0) throw new Error(`chat-vector-studio ${args.join(" ")} ended with ${code}: ${stderr.trim()}`);
  return { result: JSON.parse(stdout), wallSeconds, peakBytes };
}
