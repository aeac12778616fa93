/**
 * Runs before everything else of main's bundle, the loading of its native modules included, and so must stand by itself. What nobody
 * catches in a command is said in one line and ends it: Electron would open a dialog and wait for someone to press its button.
 */
function endCommandOnFailure() {
  const commands = ["inspect", "measure", "merge", "recipe", "samples", "verify", "help"];
  const first = process.argv.slice(1).find((word) => !word.startsWith("-"));
  if (!process.argv.includes("--cli") && !commands.includes(first ?? "")) return;
  process.on("uncaughtException", (error) => {
    const { writeSync } = require("node:fs");
    const message = `The program failed: ${error instanceof Error ? error.message : String(error)}`.split("\n")[0];
    try {
      writeSync(2, `error: device-failed: ${message}\n`);
      if (process.argv.includes("--verbose") && error instanceof Error) writeSync(2, `${error.stack}\n`);
      if (process.argv.includes("--json")) {
        writeSync(1, `${JSON.stringify({ error: { code: "device-failed", what: message, message } })}\n`);
      }
    } finally {
      process.exit(6);
    }
  });
}

/** To be put at the head of main's bundle. */
export const loadFailureBanner = `(${endCommandOnFailure.toString()})();`;
