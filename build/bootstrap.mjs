import { ensureBuilt } from "./build-application.mjs";
import { ensureElectron } from "./electron-runtime.mjs";
import { BootstrapError } from "./messages.mjs";
import { ensurePackages } from "./packages.mjs";
import { ensureSystemLibraries } from "./system-libraries.mjs";

const oldestNode = [20, 12];

/**
 * Brings what a fresh clone lacks to run Electron: packages, Electron itself, system libraries.
 * @param {{ forTests?: boolean }} [options]
 */
export async function bootstrap({ forTests = false } = {}) {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = oldestNode;
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
    throw new BootstrapError(`Node ${oldestNode.join(".")} or newer is needed; this is ${process.versions.node}`);
  }
  await ensurePackages();
  const runtime = await ensureElectron();
  await ensureSystemLibraries(runtime.executablePath, { forTests });
  return runtime;
}

/** Everything up to an application that can be started. */
export async function bootstrapApplication() {
  const runtime = await bootstrap();
  await ensureBuilt();
  return runtime;
}
