import { settle } from "./cold.mjs";
import { copyLimit } from "./copy-limit.mjs";
import { describeTriple } from "./models.mjs";
import { runTraced } from "./pass.mjs";
import { findPythonWith, howToGet, runContender } from "./python.mjs";
import { median, runRounds } from "./rounds.mjs";
import { formatMeasured } from "./table.mjs";

/**
 * Measuring by the application on each backend and by a script in PyTorch, and the reading that nobody can do without.
 * @param {object} options
 * @param {import("./models.mjs").Triple} options.triple bf16
 * @param {string} options.folder for traces
 * @param {number} options.rounds
 * @param {readonly string[]} options.backends
 * @param {boolean} options.scripts
 * @param {(() => Promise<void>) | null} options.cold drops the page cache
 * @returns {Promise<string>} a table
 */
export async function benchMeasure({ triple, folder, rounds, backends, scripts, cold }) {
  /** Seconds of the whole command, by backend. @type {Map<string, number[]>} */
  const wholes = new Map();
  const { inputs, inputBytes } = await describeTriple(triple);
  const models = ["--base", triple.base, "--chat", triple.chat, "--target", triple.target];
  const contenders = [
    { name: "read limit", run: async () => ({ seconds: await copyLimit(inputs, null) }) },
    ...backends.map((backend) => ({
      name: `application, ${backend}`,
      run: async () => {
        const { result, passSeconds } = await runTraced(["measure", ...models, "--backend", backend], folder);
        wholes.set(backend, [...(wholes.get(backend) ?? []), result.seconds]);
        return { seconds: passSeconds, note: result.adapter };
      },
    })),
    ...(scripts ? [await scriptContender(triple)] : []),
  ];
  const measured = await runRounds(contenders, { rounds, before: cold ?? settle });
  const table = formatMeasured(measured, { bytes: inputBytes, against: "of the read limit" });
  const whole = [...wholes].map(([backend, seconds]) => `${backend} ${median(seconds).toFixed(2)} s`);
  return `${table}\n\nThe application's times are those of its pass; with the start of its engine, opening and planning: ${whole.join(", ")}.`;
}

/** @param {import("./models.mjs").Triple} triple */
async function scriptContender(triple) {
  const name = "PyTorch, f32";
  const python = await findPythonWith("torch");
  if (python === null) return { name, missing: howToGet("torch"), run: () => Promise.reject(new Error("torch")) };
  const run = async () => ({ seconds: await runContender(python, "measure-torch", triple, "", 1) });
  return { name, run };
}
