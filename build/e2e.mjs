#!/usr/bin/env node
/** `npm run e2e -- [Playwright's arguments]`: the end-to-end tests, or some of them, on the present sources. */
import { bootstrapApplication } from "./bootstrap.mjs";
import { openDisplay } from "./display.mjs";
import { runMain, say } from "./messages.mjs";
import { testEnvironment } from "./test-environment.mjs";
import { endToEndProjects, runEndToEndProject, runEndToEndTests } from "./test-runners.mjs";

await runMain(async () => {
  const runtime = await bootstrapApplication();
  const display = await openDisplay();
  try {
    const env = { ...display.env, ...testEnvironment(runtime) };
    const args = process.argv.slice(2);
    let failures = 0;
    for (const run of args.length > 0
      ? [() => runEndToEndTests(env, args)]
      : endToEndProjects.map((project) => () => runEndToEndProject(env, project))) {
      const { failed, output } = await run();
      if (output !== "") say(output);
      failures += failed;
    }
    return failures === 0 ? 0 : 1;
  } finally {
    display.stop();
  }
});
