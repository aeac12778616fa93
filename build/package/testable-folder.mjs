import { copyFileSync, cpSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { checkout } from "../checkout.mjs";
import { linkFolder } from "./electron-distribution.mjs";
import { setFuses, testableFuses } from "./fuses.mjs";
import { packageFolder } from "./package-folder.mjs";
import { packageTrialDeb } from "./trial-deb.mjs";

/**
 * Packages the application, and makes a copy of the folder that differs in one fuse: tests can attach to it.
 * @param {string} executablePath Electron's
 * @returns {Promise<Record<string, string>>} what the tests are told: the program that ships, its folder and its Electron's, and the
 *   program that they drive
 */
export async function packageTestable(executablePath) {
  const { folder, program } = await packageFolder(executablePath);
  const copy = join(
    checkout,
    "dist",
    "testable",
    process.platform === "darwin" ? "Chat Vector Studio.app" : "application",
  );
  rmSync(copy, { recursive: true, force: true });
  const testable = join(copy, relative(folder, program));
  if (process.platform === "darwin") cpSync(folder, copy, { recursive: true, verbatimSymlinks: true });
  else {
    linkFolder(folder, copy);
    // Not a link: what ships must not change with it.
    rmSync(testable);
    copyFileSync(program, testable);
  }
  await setFuses(testable, testableFuses, { resignAdHoc: process.platform === "darwin" });
  const deb = await packageTrialDeb(folder, executablePath);
  const electron = process.platform === "darwin" ? dirname(dirname(dirname(executablePath))) : dirname(executablePath);
  return {
    CHAT_VECTOR_PACKAGED: program,
    CHAT_VECTOR_PACKAGED_FOLDER: folder,
    CHAT_VECTOR_PACKAGED_ELECTRON: electron,
    ...(deb === null ? {} : { CHAT_VECTOR_PACKAGED_DEB: deb }),
    CHAT_VECTOR_ELECTRON: testable,
  };
}
