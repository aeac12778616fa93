#!/usr/bin/env node
/** `npm start`: brings what is missing, builds what has changed, and opens the window. */
import { bootstrapApplication } from "./bootstrap.mjs";
import { passWithoutNoise } from "./chromium-noise.mjs";
import { launchElectron } from "./launch-electron.mjs";
import { runMain } from "./messages.mjs";

await runMain(async () => {
  const runtime = await bootstrapApplication();
  return await launchElectron(
    runtime,
    { mode: "window", args: process.argv.slice(2) },
    {
      cwd: process.env.INIT_CWD ?? process.cwd(),
      stderrFilter: (stderr) => passWithoutNoise(stderr, process.stderr),
    },
  );
});
