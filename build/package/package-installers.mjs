import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Arch, build, Platform } from "electron-builder";
import { checkout } from "../checkout.mjs";
import { layOutApplication } from "./application-folder.mjs";
import { packagerConfiguration } from "./configuration.mjs";
import { takeOwnDebMaker } from "./deb-tools.mjs";

/** macOS packages are made for both processors on either; elsewhere for the one at hand, unless asked. */
export function architectures() {
  return process.platform === "darwin" ? ["arm64", "x64"] : [process.arch];
}

/**
 * Makes this system's installers, one processor after the other: each has a native binary of its own.
 * `CHAT_VECTOR_UPDATES` names the address of published versions; without it nothing about updates is built in.
 * @param {readonly string[]} wanted "x64", "arm64"
 * @returns {Promise<string[]>} the files made
 */
export async function packageInstallers(wanted) {
  const { devDependencies } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8"));
  const application = join(checkout, "dist", "work", "application");
  takeOwnDebMaker();
  const files = [];
  for (const arch of wanted) {
    await layOutApplication(application, { platform: process.platform, arch });
    const made = await build({
      projectDir: checkout,
      targets: Platform.current().createTarget(null, arch === "arm64" ? Arch.arm64 : Arch.x64),
      publish: "never",
      config: packagerConfiguration({
        application,
        output: join(checkout, "dist"),
        electronVersion: devDependencies.electron,
        electronDistribution: null,
        updates: process.env.CHAT_VECTOR_UPDATES || null,
      }),
    });
    files.push(...made);
  }
  rmSync(join(checkout, "dist", "work"), { recursive: true, force: true });
  return files;
}
