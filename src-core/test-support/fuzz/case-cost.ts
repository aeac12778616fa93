import { openSync, readSync, writeSync } from "node:fs";

/** What one case may take: of processor time, and of memory beyond what the process had. Documents here have some kilobytes. */
export const maximumCaseMilliseconds = 1000;
export const maximumCaseBytes = 64 * 1024 * 1024;

export interface CaseCost {
  readonly milliseconds: number;
  readonly bytes: number;
}

/**
 * Measures a piece of work: processor time of the whole process, and the most memory it had meanwhile, above what it had at
 * the start. Linux tells the peak, and lets it be set back; elsewhere it is what the heap and its buffers have grown by.
 */
export function costMeter(): () => CaseCost {
  const startBytes = peakMemory.start();
  const start = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(start);
    return { milliseconds: (user + system) / 1000, bytes: peakMemory.now() - startBytes };
  };
}

interface PeakMemory {
  start(): number;
  now(): number;
}

const peakMemory: PeakMemory = process.platform === "linux" ? linuxPeak() : heapSize();

function heapSize(): PeakMemory {
  const now = () => {
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  return { start: now, now };
}

/** VmHWM of proc(5); "5" written to clear_refs sets it to the present size. */
function linuxPeak(): PeakMemory {
  const status = openSync("/proc/self/status", "r");
  const reset = openSync("/proc/self/clear_refs", "w");
  const text = Buffer.alloc(4096);
  const now = () => {
    const length = readSync(status, text, 0, text.length, 0);
    const kibibytes = /VmHWM:\s+(\d+) kB/.exec(text.toString("latin1", 0, length))?.[1];
    if (kibibytes === undefined) throw new Error("/proc/self/status names no VmHWM");
    return Number(kibibytes) * 1024;
  };
  return {
    start: () => {
      writeSync(reset, "5");
      return now();
    },
    now,
  };
}
