import { readFileSync } from "node:fs";
import { findProgram, run } from "./child-process.mjs";
import { BootstrapError, say } from "./messages.mjs";

/** @typedef {"electron" | "display" | "chromium" | "python"} Need */

/**
 * Package names by kind of Linux. An entry with several names takes the first that the system knows: Debian and Ubuntu
 * renamed some libraries when time_t grew to 64 bits.
 * @type {Record<string, { install: string[], packages: Record<Need, string[][]> }>}
 */
const distributions = {
  debian: {
    install: ["apt-get", "install", "-y", "--no-install-recommends"],
    packages: {
      electron: [
        ["libgtk-3-0t64", "libgtk-3-0"],
        ["libnss3"],
        ["libasound2t64", "libasound2"],
        ["libgbm1"],
        ["libvulkan1"],
        ["libxss1"],
        ["libatk-bridge2.0-0t64", "libatk-bridge2.0-0"],
      ],
      display: [["xvfb"]],
      chromium: [["chromium"]],
      python: [["python3"]],
    },
  },
  fedora: {
    install: ["dnf", "install", "-y"],
    packages: {
      electron: [
        ["gtk3"],
        ["nss"],
        ["alsa-lib"],
        ["mesa-libgbm"],
        ["vulkan-loader"],
        ["libXScrnSaver"],
        ["at-spi2-atk"],
      ],
      display: [["xorg-x11-server-Xvfb"]],
      chromium: [["chromium"]],
      python: [["python3"]],
    },
  },
  arch: {
    install: ["pacman", "-S", "--needed"],
    packages: {
      electron: [["gtk3"], ["nss"], ["alsa-lib"], ["mesa"], ["vulkan-icd-loader"], ["libxss"], ["at-spi2-core"]],
      display: [["xorg-server-xvfb"]],
      chromium: [["chromium"]],
      python: [["python"]],
    },
  },
};

/** Without these Electron cannot start at all. */
const indispensable = /** @type {const} */ (["electron", "display"]);

/**
 * Sees to what the system has to bring. On Debian and Ubuntu as root, installs what is missing; elsewhere says the exact
 * command, and stops where Electron could not start.
 * @param {string} executablePath Electron's
 * @param {{ forTests: boolean }} options tests want a current Chromium and Python besides
 */
export async function ensureSystemLibraries(executablePath, { forTests }) {
  if (process.platform !== "linux") return;
  const { needs, missingLibraries } = await findNeeds(executablePath, forTests);
  if (needs.length === 0) return;
  const kind = distributionKind();
  if (kind === "debian" && process.getuid?.() === 0) {
    await installOnDebian(needs);
    const left = await findNeeds(executablePath, forTests);
    if (left.missingLibraries.length === 0) return;
    throw new BootstrapError(`libraries are still missing after the installation: ${left.missingLibraries.join(", ")}`);
  }
  const advice = installationAdvice(kind, needs, missingLibraries);
  if (needs.some((need) => indispensable.some((other) => other === need))) throw new BootstrapError(advice);
  say(`warning: ${advice}`);
}

/**
 * @param {string} executablePath
 * @param {boolean} forTests
 * @returns {Promise<{ needs: Need[], missingLibraries: string[] }>}
 */
async function findNeeds(executablePath, forTests) {
  const { stdout } = await run("ldd", [executablePath]);
  const missingLibraries = [...stdout.matchAll(/^\s*(\S+) => not found$/gm)].map(([, name]) => String(name));
  /** @type {Need[]} */
  const needs = [];
  if (missingLibraries.length > 0) needs.push("electron");
  if (!hasDisplay() && findProgram("Xvfb") === null) needs.push("display");
  if (forTests && findProgram("chromium") === null) needs.push("chromium");
  if (forTests && findProgram("python3") === null) needs.push("python");
  return { needs, missingLibraries };
}

export function hasDisplay() {
  return Boolean(process.env.DISPLAY) || Boolean(process.env.WAYLAND_DISPLAY);
}

/** @param {readonly Need[]} needs */
async function installOnDebian(needs) {
  say(`Installing system packages for ${needs.join(", ")} (apt-get) …`);
  await apt(["update"]);
  const names = [];
  for (const need of needs) {
    for (const alternatives of distributions.debian?.packages[need] ?? []) names.push(await knownName(alternatives));
  }
  await apt(["install", "-y", "--no-install-recommends", ...names]);
}

/** @param {readonly string[]} alternatives */
async function knownName(alternatives) {
  for (const name of alternatives) {
    if ((await run("apt-cache", ["show", name])).code === 0) return name;
  }
  throw new BootstrapError(`apt-get knows none of: ${alternatives.join(", ")}`);
}

/** @param {readonly string[]} args */
async function apt(args) {
  // Another installation may hold the lock: wait for it rather than fail.
  const { code, stdout, stderr } = await run("apt-get", ["-q", "-o", "DPkg::Lock::Timeout=120", ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  if (code === 0) return;
  const output = `${stdout}${stderr}`.trim().split("\n").slice(-12).join("\n");
  throw new BootstrapError(`\`apt-get ${args.join(" ")}\` failed with exit code ${code}\n${output}`);
}

/**
 * @param {string | null} kind
 * @param {readonly Need[]} needs
 * @param {readonly string[]} missingLibraries
 */
function installationAdvice(kind, needs, missingLibraries) {
  const what = `the system lacks what is needed for ${needs.join(", ")}`;
  const libraries = missingLibraries.length === 0 ? "" : ` (${missingLibraries.join(", ")})`;
  const distribution = kind === null ? undefined : distributions[kind];
  if (distribution === undefined)
    return `${what}${libraries}. Install it with your system's package manager: ${needs.join(", ")}`;
  // Without apt's database at hand the last name is the one that most releases know, or provide under the new one.
  const names = needs.flatMap((need) => distribution.packages[need].map((alternatives) => alternatives.at(-1)));
  return `${what}${libraries}. Install it:\n\n  sudo ${[...distribution.install, ...names].join(" ")}\n`;
}

function distributionKind() {
  let release = "";
  try {
    release = readFileSync("/etc/os-release", "utf8");
  } catch {
    return null;
  }
  const words = [...release.matchAll(/^(?:ID|ID_LIKE)="?([^"\n]*)"?$/gm)].flatMap(([, value]) =>
    String(value).split(" "),
  );
  return (
    ["debian", "ubuntu", "fedora", "arch"].find((kind) => words.includes(kind))?.replace("ubuntu", "debian") ?? null
  );
}
