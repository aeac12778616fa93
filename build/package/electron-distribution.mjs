import { copyFileSync, cpSync, linkSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { registryElectronPath, registryElectronVersion } from "../registry-electron.mjs";

/** An Electron's own start page or a checkout's link, which are no part of what is packaged; `version` is only its installer's. */
const leftOut = new Set(["default_app.asar", "app", "version"]);

/**
 * Lays out the Electron at hand as the packager wants one: without an application. Files are linked, not copied, where they can be.
 * @param {string} executablePath
 * @param {string} destination
 */
export function layOutElectron(executablePath, destination) {
  if (process.platform === "darwin") {
    // Frameworks are full of links, which are kept as they are.
    const bundle = dirname(dirname(dirname(executablePath)));
    cpSync(bundle, join(destination, "Electron.app"), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !path.endsWith("default_app.asar"),
    });
    return;
  }
  linkFolder(dirname(executablePath), destination);
}

/**
 * @param {string} from
 * @param {string} to
 */
export function linkFolder(from, to) {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (leftOut.has(entry.name)) continue;
    const [source, copy] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkFolder(source, copy);
    else linkOrCopy(source, copy);
  }
}

/** @param {string} executablePath */
export function electronVersionAt(executablePath) {
  if (executablePath === registryElectronPath) return registryElectronVersion;
  const folder =
    process.platform === "darwin" ? dirname(dirname(dirname(dirname(executablePath)))) : dirname(executablePath);
  return readFileSync(join(folder, "version"), "utf8").trim().replace(/^v/, "");
}

/**
 * @param {string} from
 * @param {string} to
 */
function linkOrCopy(from, to) {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}
