import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../checkout.mjs";
import { nativePackage } from "./native-package.mjs";

/** Of koffi only what is loaded: no C++ sources, no documents. Its licence travels. */
const koffiFiles = ["package.json", "LICENSE.txt", "index.cjs", "src/koffi/index.cjs", "src/koffi/src/static.cjs"];

/**
 * Lays out what ships: the bundles, and the one package that is not in them, with its binary for one platform alone. Everything
 * else that the application uses is bundled.
 * @param {string} folder is made anew
 * @param {{ platform: string, arch: string }} target in Node's words
 */
export async function layOutApplication(folder, { platform, arch }) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of ["main", "preload", "ui", "engine"]) {
    cpSync(join(checkout, "out", name), join(folder, "out", name), {
      recursive: true,
      filter: (path) => !path.endsWith(".map"),
    });
  }
  for (const name of koffiFiles) {
    cpSync(join(checkout, "node_modules", "koffi", name), join(folder, "node_modules", "koffi", name), {
      recursive: true,
    });
  }
  const native = await nativePackage({ platform, arch });
  cpSync(native.folder, join(folder, "node_modules", native.name), {
    recursive: true,
    // Electron is not made for musl.
    filter: (path) => !/[\\/]musl_[^\\/]*$/.test(path),
  });
  cpSync(join(checkout, "LICENSE"), join(folder, "LICENSE.txt"));
  cpSync(join(checkout, "out", "ui", "NOTICES.txt"), join(folder, "NOTICES.txt"));
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest(), null, 2)}\n`);
}

/** What Electron and the packager read. Nothing is installed from it: it names no dependency. */
function manifest() {
  const { name, version, description, license, author, main } = JSON.parse(
    readFileSync(join(checkout, "package.json"), "utf8"),
  );
  // A deb must name a page: the method's, which has one.
  const homepage = "https://arxiv.org/abs/2310.04799";
  return { name, version, description, license, author, homepage, main, desktopName: `${name}.desktop` };
}
