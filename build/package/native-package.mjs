import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../checkout.mjs";
import { npmCommand, run } from "../child-process.mjs";
import { BootstrapError, say } from "../messages.mjs";
import { temporaryFolder } from "../temporary-folder.mjs";

const cache = join(checkout, "dist", "native");

/**
 * koffi's binary for a platform: the installed one, or, for another processor than this machine's, the same version from the
 * package registry, held against package-lock.json.
 * @param {{ platform: string, arch: string }} target in Node's words
 * @returns {Promise<{ name: string, folder: string }>}
 */
export async function nativePackage({ platform, arch }) {
  const name = `@koromix/koffi-${platform}-${arch}`;
  const installed = join(checkout, "node_modules", name);
  if (existsSync(installed)) return { name, folder: installed };
  const entry = JSON.parse(readFileSync(join(checkout, "package-lock.json"), "utf8")).packages[`node_modules/${name}`];
  if (entry === undefined)
    throw new BootstrapError(`package-lock.json names no ${name}: there is no koffi for ${platform} ${arch}`);
  const folder = join(cache, `${platform}-${arch}-${entry.version}`);
  if (!existsSync(folder)) await fetchPackage(`${name}@${entry.version}`, entry.integrity, folder);
  return { name, folder };
}

/**
 * @param {string} specifier
 * @param {string} integrity
 * @param {string} destination appears complete or not at all
 */
async function fetchPackage(specifier, integrity, destination) {
  say(`Fetching ${specifier} from the package registry …`);
  const temporary = temporaryFolder("native");
  try {
    const [command, args, options] = npmCommand([
      "pack",
      specifier,
      "--loglevel=error",
      "--pack-destination",
      temporary.path,
    ]);
    const { code, stderr } = await run(command, args, { ...options, cwd: temporary.path });
    const [fileName] = readdirSync(temporary.path);
    if (code !== 0 || fileName === undefined)
      throw new BootstrapError(`\`npm pack ${specifier}\` failed\n${stderr.trim()}`);
    const tarball = join(temporary.path, fileName);
    const actual = `sha512-${createHash("sha512").update(readFileSync(tarball)).digest("base64")}`;
    if (actual !== integrity) {
      throw new BootstrapError(
        `${specifier} is not what package-lock.json says; expected ${integrity}, actual ${actual}`,
      );
    }
    const unpacking = `${destination}.partial`;
    rmSync(unpacking, { recursive: true, force: true });
    mkdirSync(unpacking, { recursive: true });
    const unpacked = await run("tar", ["-xzf", tarball, "--strip-components=1", "-C", unpacking], {
      cwd: temporary.path,
    });
    if (unpacked.code !== 0) throw new BootstrapError(`${specifier} could not be unpacked: ${unpacked.stderr.trim()}`);
    renameSync(unpacking, destination);
  } finally {
    temporary.remove();
  }
}
