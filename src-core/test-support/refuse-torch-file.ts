import { existsSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import type { ByteSource } from "../checkpoint/byte-source.ts";
import { readWeightsHeader } from "../checkpoint/weights-header.ts";
import { StudioError } from "../errors.ts";

// A process of its own: reads a good file, then the one in question, and prints what that took.

function fileSource(path: string): ByteSource {
  const descriptor = openSync(path, "r");
  return {
    name: "m.bin",
    byteLength: statSync(path).size,
    async readInto(destination, byteOffset) {
      if (readSync(descriptor, destination, 0, destination.length, byteOffset) !== destination.length) {
        throw new Error("read past the end");
      }
    },
  };
}

async function outcomeOf(path: string): Promise<{ code: string; message: string }> {
  try {
    await readWeightsHeader(fileSource(path), "m.bin");
    return { code: "valid", message: "" };
  } catch (error) {
    if (error instanceof StudioError) return { code: error.failure.code, message: error.message };
    return { code: "defect", message: String(error) };
  }
}

/** The most memory that this process has had; what `resourceUsage` tells starts with that of the process it came from. */
function peakKibibytes(): number {
  const status = existsSync("/proc/self/status") ? readFileSync("/proc/self/status", "utf8") : "";
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? process.resourceUsage().maxRSS);
}

const [good = "", path = ""] = process.argv.slice(2);
await outcomeOf(good);
const memoryBefore = peakKibibytes();
const cpuBefore = process.cpuUsage();
const start = process.hrtime.bigint();
const outcome = await outcomeOf(path);
const wall = Number(process.hrtime.bigint() - start) / 1e6;
const { user, system } = process.cpuUsage(cpuBefore);
const kibibytes = peakKibibytes() - memoryBefore;
// Waiting for a busy machine makes the one too long, threads that collect garbage the other.
const milliseconds = Math.min(wall, (user + system) / 1000);
process.stdout.write(JSON.stringify({ ...outcome, milliseconds, kibibytes, wall }));
