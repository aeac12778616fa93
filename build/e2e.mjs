#!/usr/bin/env node
/** `npm run e2e -- [Playwright's arguments]`: the end-to-end tests, or some of them, on the present sources. */
import { bootstrapApplication } from "./bootstrap.mjs";
import { openDisplay } from "./display.mjs";
import { runMain, say } from "./messages.mjs";
import { testEnvironment } from "./test-environment.mjs";
import { runEndToEndTests } from "./test-runners.mjs";

await runMain(async () => {
  const runtime = await bootstrapApplication();
  const display = await openDisplay();
  try {
    const env = { ...display.env, ...testEnvironment(runtime) };
    const { failed, output } = await runEndToEndTests(env, process.argv.slice(2));
    if (output !== "") say(output);
    return failed === 0 ? 0 : 1;
  } finally {
    display.stop();
  }
});
