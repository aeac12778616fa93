import { rmSync } from "node:fs";
import { join } from "node:path";
import { build, Platform } from "electron-builder";
import { checkout } from "../checkout.mjs";
import { exclusively } from "../exclusively.mjs";
import { layOutApplication } from "./application-folder.mjs";
import { packagerConfiguration, productName } from "./configuration.mjs";
import { electronVersionAt, layOutElectron } from "./electron-distribution.mjs";

/**
 * @typedef {object} PackagedFolder
 * @property {string} folder
 * @property {string} program the executable in it
 */

const work = join(checkout, "dist", "work");

/**
 * Packages out/ with an Electron that is on this machine: the same folder that installers carry. Nothing is downloaded.
 * @param {string} executablePath Electron's
 * @returns {Promise<PackagedFolder>}
 */
export async function packageFolder(executablePath) {
  const output = join(checkout, "dist", "folder");
  await exclusively("packaging", async () => {
    rmSync(output, { recursive: true, force: true });
    const [application, electronDistribution] = [join(work, "application"), join(work, "electron")];
    rmSync(electronDistribution, { recursive: true, force: true });
    await layOutApplication(application, { platform: process.platform, arch: process.arch });
    layOutElectron(executablePath, electronDistribution);
    const electronVersion = electronVersionAt(executablePath);
    await build({
      projectDir: checkout,
      targets: Platform.current().createTarget("dir"),
      publish: "never",
      config: packagerConfiguration({ application, output, electronVersion, electronDistribution }),
    });
    rmSync(work, { recursive: true, force: true });
  });
  return packagedFolderIn(output);
}

/**
 * @param {string} output
 * @returns {PackagedFolder}
 */
function packagedFolderIn(output) {
  const suffix = process.arch === "arm64" ? "-arm64" : "";
  if (process.platform === "darwin") {
    const folder = join(output, `mac${suffix}`, `${productName}.app`);
    return { folder, program: join(folder, "Contents", "MacOS", productName) };
  }
  if (process.platform === "win32") {
    const folder = join(output, `win${suffix}-unpacked`);
    return { folder, program: join(folder, `${productName}.exe`) };
  }
  const folder = join(output, `linux${suffix}-unpacked`);
  return { folder, program: join(folder, "chat-vector-studio") };
}
