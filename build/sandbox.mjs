import { readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { BootstrapError } from "./messages.mjs";

/**
 * Chromium's switches about its sandbox. As root there is none: it must be said on the command line, before any of our code runs.
 * Some systems let no ordinary program make namespaces (Ubuntu since 24.04); there Electron would abort without a word
 * that helps.
 * @param {string} executablePath Electron's
 * @returns {string[]}
 */
export function sandboxSwitches(executablePath) {
  if (process.platform !== "linux") return [];
  if (process.getuid?.() === 0) return ["--no-sandbox"];
  const helper = join(dirname(executablePath), "chrome-sandbox");
  if (!namespacesAreRestricted() || isSetUidRoot(helper)) return [];
  throw new BootstrapError(
    "this system does not let Electron make its sandbox. Allow it once, for this copy of Electron:\n\n" +
      `  sudo chown root:root '${helper}' && sudo chmod 4755 '${helper}'\n`,
  );
}

function namespacesAreRestricted() {
  return (
    readSetting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") === "1" ||
    readSetting("/proc/sys/kernel/unprivileged_userns_clone") === "0" ||
    readSetting("/proc/sys/user/max_user_namespaces") === "0"
  );
}

/** @param {string} path */
function readSetting(path) {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return null;
  }
}

/** @param {string} path */
function isSetUidRoot(path) {
  const file = statSync(path, { throwIfNoEntry: false });
  return file !== undefined && file.uid === 0 && (file.mode & 0o4000) !== 0;
}
