import { rmSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { checkout } from "./checkout.mjs";
import { exclusively } from "./exclusively.mjs";
import { BootstrapError, say } from "./messages.mjs";
import { writeNotices } from "./package/notices.mjs";
import { builtStamp, sourceStamp, writeBuiltStamp } from "./source-stamp.mjs";

/** Builds main, preload, UI and engine into out/, where the sources are not those that out/ was built from. */
export async function ensureBuilt() {
  if (builtStamp() === sourceStamp()) return;
  await exclusively("building", async () => {
    const stamp = sourceStamp();
    if (builtStamp() === stamp) return;
    say("Building …");
    await buildAll();
    writeBuiltStamp(stamp);
  });
}

async function buildAll() {
  // Loaded here: the bundler is a package, and packages may have been installed a moment ago.
  const { build } = await import("vite");
  const { bundles } = await import("./bundles.mjs");
  rmSync(join(checkout, "out"), { recursive: true, force: true });
  for (const [name, config] of Object.entries(bundles)) {
    try {
      await build(config());
    } catch (error) {
      const why = stripVTControlCharacters(error instanceof Error ? error.message : String(error));
      throw new BootstrapError(`${name} cannot be built\n${why}`);
    }
  }
  writeNotices(join(checkout, "out", "ui", "NOTICES.txt"));
}
