import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "./checkout.mjs";
import { npmCommand, run } from "./child-process.mjs";
import { exclusively } from "./exclusively.mjs";
import { BootstrapError, say } from "./messages.mjs";

/** Installs the packages of package-lock.json where node_modules is not what it says. */
export async function ensurePackages() {
  if (packagesMatchLock()) return;
  await exclusively("installing packages", async () => {
    if (packagesMatchLock()) return;
    say("Installing packages (npm ci) …");
    // Whatever the person's npm leaves out by default, the build needs.
    const [command, args, options] = npmCommand(["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"]);
    const { code, stdout, stderr } = await run(command, args, { ...options, cwd: checkout });
    if (code !== 0) {
      // The first lines say why; after them comes npm's help.
      const why = `${stderr}${stdout}`.trim().split("\n").slice(0, 15).join("\n");
      throw new BootstrapError(`\`npm ci\` failed with exit code ${code} in ${checkout}\n${why}`);
    }
  });
}

/**
 * npm notes what it installed in node_modules/.package-lock.json, at the end of an installation; so one that was cut
 * off, or that a `git pull` has outdated, is found out, and one that a person made with plain npm is accepted.
 */
function packagesMatchLock() {
  const wanted = readPackages(join(checkout, "package-lock.json"));
  const installed = readPackages(join(checkout, "node_modules", ".package-lock.json"));
  if (wanted === null) throw new BootstrapError(`package-lock.json is missing or damaged in ${checkout}`);
  if (installed === null) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === "") return true;
    const found = installed[path];
    if (found === undefined) return entry.optional === true || entry.devOptional === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

/** @typedef {{ version?: string, integrity?: string, optional?: boolean, devOptional?: boolean }} LockEntry */

/**
 * @param {string} path
 * @returns {Record<string, LockEntry> | null}
 */
function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).packages ?? null;
  } catch {
    return null;
  }
}
