import { say } from "../messages.mjs";

/**
 * @typedef {object} Contender
 * @property {string} name
 * @property {() => Promise<Run>} run does the work once
 * @property {string} [missing] why it cannot run here, and what to do about it; then `run` is not called
 */

/**
 * @typedef {object} Run
 * @property {number} seconds
 * @property {string} [note] what its first run has to say beside its time
 */

/**
 * @typedef {object} Measured
 * @property {string} name
 * @property {readonly number[]} seconds of each round, in their order; empty where it cannot run
 * @property {string} note
 */

/**
 * Runs all contenders once in each round, so that what else the machine does in between meets them all. The first of a round is another one each
 * time: nobody always finds the caches as the same neighbour left them.
 * @param {readonly Contender[]} contenders
 * @param {object} options
 * @param {number} options.rounds
 * @param {() => Promise<void>} [options.before] each run: drops the caches, say
 * @returns {Promise<Measured[]>}
 */
export async function runRounds(contenders, { rounds, before }) {
  const present = contenders.filter(({ missing }) => missing === undefined);
  const measured = new Map(
    contenders.map(({ name, missing }) => [name, { name, seconds: /** @type {number[]} */ ([]), note: missing ?? "" }]),
  );
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < present.length; turn++) {
      const contender = present[(round + turn) % present.length];
      const entry = contender && measured.get(contender.name);
      if (contender === undefined || entry === undefined) continue;
      await before?.();
      const { seconds, note } = await contender.run();
      entry.seconds.push(seconds);
      if (note !== undefined) entry.note = note;
      say(`round ${round + 1} of ${rounds}: ${contender.name} ${seconds.toFixed(2)} s`);
    }
  }
  return [...measured.values()];
}

/**
 * @param {readonly number[]} values at least one
 * @returns {number}
 */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * The median over the rounds of `of`'s time divided by `by`'s in the same round: what both met falls out.
 * @param {Measured} of
 * @param {Measured} by
 */
export function ratio(of, by) {
  return median(of.seconds.map((seconds, round) => seconds / (by.seconds[round] ?? Number.NaN)));
}
