import { readFileSync } from "node:fs";
import { StudioError } from "../../src-core/errors.ts";
import { Catalog } from "../checkpoints/catalog.ts";

// A process of its own: opens a good model through the catalog, then the one in question, and prints what that took.

async function outcomeOf(path: string): Promise<{ code: string; message: string }> {
  const catalog = new Catalog();
  try {
    const { checkpoint } = await catalog.open(path);
    return { code: "opened", message: `${checkpoint.tensors.length} tensors` };
  } catch (error) {
    if (error instanceof StudioError) return { code: error.failure.code, message: error.message };
    return { code: "defect", message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  } finally {
    catalog.closeAll();
  }
}

/** The most memory that this process has had; elsewhere than on Linux what it came with counts too. */
function peakKibibytes(): number {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS;
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
}

const [good = "", path = ""] = process.argv.slice(2);
await outcomeOf(good);
const before = peakKibibytes();
const cpu = process.cpuUsage();
const start = performance.now();
const outcome = await outcomeOf(path);
const wall = performance.now() - start;
const { user, system } = process.cpuUsage(cpu);
const kibibytes = peakKibibytes() - before;
process.stdout.write(JSON.stringify({ ...outcome, wall, cpu: (user + system) / 1000, kibibytes }));
