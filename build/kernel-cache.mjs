import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "./checkout.mjs";

/** Gone with the packages, the compiler among them. */
const folder = join(checkout, "node_modules", ".cache", "chat-vector-studio");
/** Modules that are kept: both kinds, of some branches. */
const keptCount = 12;

/**
 * What was compiled of the sources in a folder, with a compiler's options, as they are now: known by a hash of both and of the compiler's version.
 * @param {string} sources relative to the checkout
 * @param {readonly string[]} options
 */
export function kernelCache(sources, options) {
  const path = join(folder, `kernels-${hashOf(sources, options)}.wasm`);
  return {
    /** @returns {Uint8Array<ArrayBuffer> | null} */
    read() {
      try {
        return new Uint8Array(readFileSync(path));
      } catch {
        return null;
      }
    },
    /** @param {Uint8Array} module */
    write(module) {
      mkdirSync(folder, { recursive: true });
      // Several tests may compile at once: none must read half of it.
      const partial = `${path}.${randomUUID()}`;
      writeFileSync(partial, module);
      renameSync(partial, path);
      removeOldest();
    },
  };
}

/**
 * @param {string} sources
 * @param {readonly string[]} options
 */
function hashOf(sources, options) {
  const compiler = JSON.parse(readFileSync(join(checkout, "node_modules", "assemblyscript", "package.json"), "utf8"));
  const hash = createHash("sha256").update(JSON.stringify([compiler.version, options]));
  for (const name of readdirSync(join(checkout, sources)).sort()) {
    hash.update(`\0${name}\0`).update(readFileSync(join(checkout, sources, name)));
  }
  return hash.digest("hex").slice(0, 32);
}

function removeOldest() {
  const ages = readdirSync(folder).map((name) => ({
    name,
    at: statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0,
  }));
  for (const { name } of ages.sort((a, b) => b.at - a.at).slice(keptCount)) rmSync(join(folder, name), { force: true });
}
