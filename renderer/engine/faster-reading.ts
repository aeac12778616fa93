import type { DirectSource } from "./direct-source.ts";
import type { FileSource } from "./file-host.ts";

/** Of each way, twice: long enough for a disk to show what it does, and a tenth of a second. */
const trialBytes = 24 * 1024 * 1024;
const readBytes = 1024 * 1024;
const readsAtOnce = 4;
/** Direct reading must be faster by so much: less is what two trials of the same differ by, and what is in the page cache is of use to others. */
const leastGain = 1.1;

/**
 * Whether a file is read faster past the page cache: by reading pieces of it either way, each another one, in turns. The best of each counts, as a busy
 * machine makes any of them slower. What is in the page cache is always read faster from there, which settles that case too.
 */
export async function isFasterDirect(
  buffered: FileSource,
  direct: DirectSource,
  now: () => number = () => performance.now(),
): Promise<boolean> {
  const places = [1, 3, 5, 7].map((eighth) => Math.floor((buffered.byteLength * eighth) / 8));
  const longest = Math.min(trialBytes, Math.floor(buffered.byteLength / 8));
  if (longest < readBytes) return false;
  const memory = Array.from({ length: readsAtOnce }, () => new Uint8Array(readBytes));
  const best = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const [turn, place] of places.entries()) {
    const source = turn % 2 === 0 ? buffered : direct;
    const startedAt = now();
    let next = place;
    const reader = async (destination: Uint8Array) => {
      while (next + readBytes <= place + longest) {
        const at = next;
        next += readBytes;
        await source.readInto(destination, at);
      }
    };
    await Promise.all(memory.map(reader));
    best[turn % 2] = Math.min(best[turn % 2] ?? 0, now() - startedAt);
  }
  const [bufferedMs = 0, directMs = 0] = best;
  return directMs * leastGain < bufferedMs;
}
