#!/usr/bin/env node
/**
 * `npm run package`: installers for this system in dist/, of Electron as package.json names it, which the packager downloads.
 * `npm run package -- --dir`: the application's folder alone, made with the Electron at hand; nothing is downloaded.
 * `npm run package -- --check`: the same, and a smoke run of what was packaged.
 */
import { parseArgs } from "node:util";
import { bootstrapApplication } from "./bootstrap.mjs";
import { openDisplay } from "./display.mjs";
import { BootstrapError, runMain, say } from "./messages.mjs";
import { testEnvironment } from "./test-environment.mjs";
import { runPackagedTests } from "./test-runners.mjs";

await runMain(async () => {
  const { values } = parseArgs({
    options: {
      check: { type: "boolean", default: false },
      dir: { type: "boolean", default: false },
      arch: { type: "string", multiple: true },
    },
  });
  const runtime = await bootstrapApplication();
  // Loaded here: packages may have been installed a moment ago.
  const { packageFolder } = await import("./package/package-folder.mjs");
  if (values.check) return await check(runtime);
  if (values.dir) {
    const { folder } = await packageFolder(runtime.executablePath);
    console.log(folder);
    return 0;
  }
  if (runtime.warning !== null) {
    say("note: installers are made of the Electron that package.json names, not of the older one at hand.");
  }
  const { architectures, packageInstallers } = await import("./package/package-installers.mjs");
  const wanted = values.arch ?? architectures();
  const unknown = wanted.find((arch) => arch !== "x64" && arch !== "arm64");
  if (unknown !== undefined) throw new BootstrapError(`--arch is x64 or arm64, not ${unknown}`);
  for (const file of await packageInstallers(wanted)) console.log(file);
  return 0;
});

/** @param {import("./electron-runtime.mjs").ElectronRuntime} runtime */
async function check(runtime) {
  const { packageTestable } = await import("./package/testable-folder.mjs");
  const display = await openDisplay();
  try {
    const packaged = await packageTestable(runtime.executablePath);
    const { failed, output } = await runPackagedTests({ ...display.env, ...testEnvironment(runtime), ...packaged });
    if (output !== "") say(output);
    return failed === 0 ? 0 : 1;
  } finally {
    display.stop();
  }
}
