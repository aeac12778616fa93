import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { checkout } from "./checkout.mjs";

/** Whatever a built file can depend on. */
const folders = ["electron", "renderer", "shaders", "src-core"];
const files = [
  "CHANGELOG.md",
  "LICENSE",
  "build/bundles.mjs",
  "build/compile-kernels.mjs",
  "build/kernel-cache.mjs",
  "build/kernel-file.mjs",
  "build/package/notices.mjs",
  "package-lock.json",
  "tsconfig.base.json",
];

const stampPath = join(checkout, "out", "source-stamp");

/**
 * A hash of everything that goes into the built files: of contents, since a checkout of another commit changes times at will.
 * @returns {string}
 */
export function sourceStamp() {
  const hash = createHash("sha256");
  for (const path of [...folders.flatMap(filesInside), ...files]) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(checkout, path)))
      .update("\0");
  }
  return hash.digest("hex");
}

/** @returns {string | null} the stamp of the sources that out/ was built from */
export function builtStamp() {
  return existsSync(stampPath) ? readFileSync(stampPath, "utf8") : null;
}

/** @param {string} stamp */
export function writeBuiltStamp(stamp) {
  mkdirSync(dirname(stampPath), { recursive: true });
  writeFileSync(stampPath, stamp);
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function filesInside(folder) {
  return readdirSync(join(checkout, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) =>
      join(entry.parentPath ?? entry.path, entry.name)
        .slice(checkout.length + 1)
        .replaceAll(sep, "/"),
    )
    .sort();
}
