import type { MergeProgress } from "../../src-core/engine/merge-pipeline.ts";
import type { JobState } from "../api/exports.ts";

/** Speed is the mean over this long: shorter jumps, longer lags behind a change. */
const windowMs = 4000;

type Totals = Pick<JobState, "bytesToRead" | "bytesToWrite">;

/** Turns byte counts into a speed and the time left. */
export class Throughput {
  readonly #samples: { readonly atMs: number; readonly bytes: number }[] = [];

  next(
    { bytesRead, bytesWritten }: MergeProgress,
    { bytesToRead, bytesToWrite }: Totals,
    nowMs: number,
  ): Pick<JobState, "bytesRead" | "bytesWritten" | "bytesPerSecond" | "secondsLeft"> {
    const bytes = bytesRead + bytesWritten;
    this.#samples.push({ atMs: nowMs, bytes });
    while (this.#samples.length > 2 && nowMs - (this.#samples[0]?.atMs ?? nowMs) > windowMs) this.#samples.shift();
    const [first] = this.#samples;
    const elapsedMs = first === undefined ? 0 : nowMs - first.atMs;
    if (first === undefined || elapsedMs < 250)
      return { bytesRead, bytesWritten, bytesPerSecond: null, secondsLeft: null };
    const bytesPerSecond = ((bytes - first.bytes) / elapsedMs) * 1000;
    const bytesLeft = Math.max(0, bytesToRead + bytesToWrite - bytes);
    return {
      bytesRead,
      bytesWritten,
      bytesPerSecond,
      secondsLeft: bytesPerSecond > 0 ? bytesLeft / bytesPerSecond : null,
    };
  }
}
