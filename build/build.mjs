#!/usr/bin/env node
/** `npm run build`: out/ from the sources, where they have changed. */
import { ensureBuilt } from "./build-application.mjs";
import { runMain } from "./messages.mjs";
import { ensurePackages } from "./packages.mjs";

await runMain(async () => {
  await ensurePackages();
  await ensureBuilt();
  return 0;
});
