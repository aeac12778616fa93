#!/usr/bin/env node
/** `npm run check -- [Vitest's arguments]`: types, lint and import rules side by side, then the unit tests, or some of them. */
import { bootstrap } from "./bootstrap.mjs";
import { runMain } from "./messages.mjs";
import { runStaticStage, staticStages } from "./stages.mjs";
import { testEnvironment } from "./test-environment.mjs";
import { runUnitTests } from "./test-runners.mjs";

await runMain(async () => {
  const runtime = await bootstrap();
  const results = await Promise.all(Object.entries(staticStages).map(([name, check]) => runStaticStage(name, check)));
  results.push(await runUnitTests(testEnvironment(runtime), process.argv.slice(2)));
  for (const { name, failed, output, seconds } of results) {
    if (output !== "") console.log(output.trimEnd());
    console.log(`${failed === 0 ? "passed" : "FAILED"}  ${name}  ${seconds.toFixed(1)} s`);
  }
  return results.some(({ failed }) => failed > 0) ? 1 : 0;
});
