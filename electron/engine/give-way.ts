import { readdirSync } from "node:fs";
import { constants, setPriority } from "node:os";

/**
 * Lets a process that computes run after those that people wait for, when there is not enough processor for all: a window answers
 * while a merge runs on every thread. Alone on the machine it is as fast as before.
 */
export function giveWay(processId: number): void {
  try {
    for (const id of schedulingUnits(processId)) setPriority(id, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // A process that has ended in between, or a system that does not let its priority be changed: it works all the same.
  }
}

/** On Linux each thread has a priority of its own, which threads that it starts later take over. */
function schedulingUnits(processId: number): readonly number[] {
  if (process.platform !== "linux") return [processId];
  return readdirSync(`/proc/${processId}/task`).map(Number);
}
