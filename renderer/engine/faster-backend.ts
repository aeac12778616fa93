import type { ByteSource } from "../../src-core/checkpoint/byte-source.ts";
import type { Backend } from "../../src-core/engine/backend.ts";
import type { EngineCommand } from "../../src-core/engine/protocol.ts";
import { measureTrial, mergeTrial, trialRate } from "../../src-core/engine/trial.ts";
import type { ChosenBackend } from "./choose-backend.ts";

export type TrialWork = Extract<EngineCommand, { type: "try" }>["work"];

/** Of each of the two; with what opening the files and compiling the kernels takes, a second in all. */
const trialMilliseconds = 350;
/** The rival must be faster by so much: less is what two trials of the same differ by. */
const leastGain = 1.1;

/**
 * Lets both compute the first of the work, from files in the page cache, and returns the faster one; the other one is given up. Where the rival does
 * not start, the present one stays. Rejects with the first failure of the present one, or the signal's reason.
 */
export async function fasterBackend(
  present: Backend,
  openRival: () => Promise<Backend>,
  work: TrialWork,
  sources: readonly (readonly ByteSource[])[],
  signal: AbortSignal,
): Promise<ChosenBackend> {
  const rateOf = (backend: Backend) => {
    const rounds =
      work.pass === "merge" ? mergeTrial(work.plan, backend, sources) : measureTrial(work.plan, backend, sources);
    return trialRate(rounds, backend, {
      milliseconds: trialMilliseconds,
      now: () => performance.now(),
      signal,
    });
  };
  const stays = (because: string): ChosenBackend => ({ backend: present, fallback: false, because });
  let rival: Backend;
  try {
    rival = await openRival();
  } catch {
    return stays("it is this machine's GPU");
  }
  try {
    const presentRate = await rateOf(present);
    const rivalRate = await rateOf(rival);
    if (presentRate === 0 || rivalRate < leastGain * presentRate) {
      rival.destroy();
      return stays(presentRate === 0 ? "it is this machine's GPU" : inTrial(presentRate / rivalRate, rival));
    }
    present.destroy();
    return { backend: rival, fallback: false, because: inTrial(rivalRate / presentRate, present) };
  } catch (error) {
    rival.destroy();
    throw error;
  }
}

function inTrial(factor: number, other: Backend): string {
  return `it took these files ${factor.toFixed(1)} times as fast as ${other.adapter}`;
}
