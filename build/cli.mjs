#!/usr/bin/env node
/**
 * `npm run --silent cli -- <command> …`: the application without its window. stdout carries the command's result and
 * nothing else; the exit code is the command's.
 */
import { bootstrapApplication } from "./bootstrap.mjs";
import { checkout } from "./checkout.mjs";
import { passWithoutNoise } from "./chromium-noise.mjs";
import { launchElectron } from "./launch-electron.mjs";
import { runMain } from "./messages.mjs";

await runMain(async () => {
  const runtime = await bootstrapApplication();
  const launch = /** @type {const} */ ({ mode: "command", args: process.argv.slice(2), switches: ["--log-level=3"] });
  return await launchElectron(runtime, launch, {
    cwd: callersFolder(),
    stderrFilter: (stderr) => passWithoutNoise(stderr, process.stderr),
    // The application's stderr is a pipe to the filter: it is told of the terminal behind it.
    env: process.stderr.isTTY ? { CHAT_VECTOR_TERMINAL_COLUMNS: String(process.stderr.columns) } : {},
  });
});

/** npm runs scripts in the checkout and notes where the person was; paths on the command line are meant from there. */
function callersFolder() {
  const started = process.cwd();
  const isNpmScript = process.env.npm_lifecycle_event === "cli" && started === checkout;
  return (isNpmScript && process.env.INIT_CWD) || started;
}
