import { runApplication } from "./application.mjs";
import { settle } from "./cold.mjs";
import { copyLimit } from "./copy-limit.mjs";
import { describeTriple } from "./models.mjs";
import { findPythonWith, howToGet, runContender } from "./python.mjs";
import { runRounds } from "./rounds.mjs";
import { formatMeasured } from "./table.mjs";

/**
 * Measuring by the application on each backend and by a script in PyTorch, and the reading that nobody can do without.
 * @param {object} options
 * @param {import("./models.mjs").Triple} options.triple bf16
 * @param {number} options.rounds
 * @param {readonly string[]} options.backends
 * @param {boolean} options.scripts
 * @param {(() => Promise<void>) | null} options.cold drops the page cache
 * @returns {Promise<string>} a table
 */
export async function benchMeasure({ triple, rounds, backends, scripts, cold }) {
  const { inputs, inputBytes } = await describeTriple(triple);
  const models = ["--base", triple.base, "--chat", triple.chat, "--target", triple.target];
  const contenders = [
    { name: "read limit", run: async () => ({ seconds: await copyLimit(inputs, null) }) },
    ...backends.map((backend) => ({
      name: `application, ${backend}`,
      run: async () => {
        const { result } = await runApplication(["measure", ...models, "--backend", backend]);
        return { seconds: result.seconds, note: result.adapter };
      },
    })),
    ...(scripts ? [await scriptContender(triple)] : []),
  ];
  const measured = await runRounds(contenders, { rounds, before: cold ?? settle });
  return formatMeasured(measured, { bytes: inputBytes, against: "of the read limit" });
}

/** @param {import("./models.mjs").Triple} triple */
async function scriptContender(triple) {
  const name = "PyTorch, f32";
  const python = await findPythonWith("torch");
  if (python === null) return { name, missing: howToGet("torch"), run: () => Promise.reject(new Error("torch")) };
  const run = async () => ({ seconds: await runContender(python, "measure-torch", triple, "", 1) });
  return { name, run };
}
