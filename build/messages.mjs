/** Something is missing that a person has to see to. Its message is shown as it is, without a stack. */
export class BootstrapError extends Error {
  /** @override */
  name = "BootstrapError";
}

/**
 * Tells the person at the terminal; stdout stays free for results.
 * @param {string} line
 */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/**
 * What went wrong, for a person: without a stack where the stack would tell them nothing.
 * @param {unknown} error
 */
export function explain(error) {
  if (error instanceof BootstrapError) return `error: ${error.message}`;
  return String(error instanceof Error ? error.stack : error);
}

/**
 * Runs a command's main function and makes its result the process's exit code.
 * @param {() => Promise<number>} main
 */
export async function runMain(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    say(explain(error));
    process.exitCode = 1;
  }
}
