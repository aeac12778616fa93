import { rmSync } from "node:fs";
import { basename, join } from "node:path";
import { Arch, build, Platform } from "electron-builder";
import { checkout } from "../checkout.mjs";
import { exclusively } from "../exclusively.mjs";
import { layOutApplication } from "./application-folder.mjs";
import { packagerConfiguration } from "./configuration.mjs";
import { takeOwnDebMaker } from "./deb-tools.mjs";
import { electronVersionAt, linkFolder } from "./electron-distribution.mjs";

/**
 * Makes a deb of a packaged folder, uncompressed, to be tried: nothing is downloaded. Null where dpkg-deb is missing.
 * @param {string} folder as packageFolder made it
 * @param {string} executablePath of the Electron that it was made of
 * @returns {Promise<string | null>}
 */
export async function packageTrialDeb(folder, executablePath) {
  if (!takeOwnDebMaker()) return null;
  const output = join(checkout, "dist", "trial");
  const files = await exclusively("packaging", async () => {
    rmSync(output, { recursive: true, force: true });
    const [application, prepackaged] = [join(output, "application"), join(output, basename(folder))];
    await layOutApplication(application, { platform: process.platform, arch: process.arch });
    // electron-builder adds to it.
    linkFolder(folder, prepackaged);
    const made = await build({
      projectDir: checkout,
      prepackaged,
      targets: Platform.LINUX.createTarget("deb", process.arch === "arm64" ? Arch.arm64 : Arch.x64),
      publish: "never",
      config: packagerConfiguration({
        application,
        output,
        electronVersion: electronVersionAt(executablePath),
        electronDistribution: null,
        debCompression: "none",
      }),
    });
    rmSync(application, { recursive: true, force: true });
    rmSync(prepackaged, { recursive: true, force: true });
    return made;
  });
  const deb = files.find((file) => file.endsWith(".deb"));
  if (deb === undefined) throw new Error(`no deb was made; made were: ${files.join(", ")}`);
  return deb;
}
