import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { checkout } from "../checkout.mjs";
import { BootstrapError } from "../messages.mjs";

/** Fonts are copied into a bundle, where no source map names them; koffi is not in one. */
const unmapped = ["koffi", "@fontsource-variable/inter", "@fontsource-variable/jetbrains-mono"];

/**
 * Writes the licences of every package that ships, in one text: those that the bundles' source maps name, and those that are beside
 * them. A package without a licence's text stops the packaging.
 * @param {string} file
 */
export function writeNotices(file) {
  const folders = new Set([
    ...sourceMaps(join(checkout, "out")).flatMap(packagesOfMap),
    ...unmapped.map((name) => join(checkout, "node_modules", name)),
  ]);
  const notices = [...folders].map(noticeOf).sort((a, b) => (a.title < b.title ? -1 : 1));
  const head =
    "Chat Vector Studio contains these packages. Electron's and Chromium's own licences lie beside this file's program.\n";
  writeFileSync(
    file,
    [head, ...notices.map(({ title, text }) => `${title}\n\n${text}\n`)].join(`\n${"-".repeat(80)}\n\n`),
  );
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function sourceMaps(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".map"))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

/**
 * @param {string} path of a source map
 * @returns {string[]} the folders of the packages that it names
 */
function packagesOfMap(path) {
  const { sources } = JSON.parse(readFileSync(path, "utf8"));
  return sources.flatMap((/** @type {string} */ source) => {
    const found = /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(source);
    return found === null ? [] : [join(dirname(path), found[0])];
  });
}

/** @param {string} folder of a package */
function noticeOf(folder) {
  const { name, version, license, author } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const title = `${name} ${version} (${license})`;
  const names = readdirSync(folder).filter((entry) => /^(licen[sc]e|copying|notice)/i.test(entry));
  if (names.length > 0)
    return { title, text: names.map((entry) => readFileSync(join(folder, entry), "utf8").trim()).join("\n\n") };
  const text = standardText(license, typeof author === "string" ? author : (author?.name ?? `the authors of ${name}`));
  if (text === null) throw new BootstrapError(`${title} ships without the text of its licence: ${folder}`);
  return { title, text };
}

/**
 * The text of a licence that a package names without carrying it: ours is the same one, under another name.
 * @param {string} license
 * @param {string} holder
 */
function standardText(license, holder) {
  if (license !== "MIT") return null;
  const own = readFileSync(join(checkout, "LICENSE"), "utf8").trim();
  return own.replace(/^Copyright .*$/m, `Copyright (c) ${holder}`);
}
