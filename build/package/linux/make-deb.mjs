#!/usr/bin/env node
/**
 * Makes a deb of what electron-builder asks fpm for, with the system's own dpkg-deb: nothing is downloaded. It takes fpm's words, of
 * which it knows those that electron-builder says for a deb, and refuses any other.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { temporaryFolder } from "../../temporary-folder.mjs";

const text = /** @type {const} */ ({ type: "string" });
const texts = /** @type {const} */ ({ type: "string", multiple: true });

/** @param {readonly string[]} words fpm's */
export function readWords(words) {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      s: { ...text, short: "s" },
      t: { ...text, short: "t" },
      force: { type: "boolean" },
      depends: { ...texts, short: "d" },
      "deb-recommends": texts,
      "deb-compression": text,
      "deb-priority": text,
      architecture: text,
      "after-install": text,
      "after-remove": text,
      description: text,
      version: text,
      package: text,
      name: text,
      maintainer: text,
      vendor: text,
      url: text,
      category: text,
      license: text,
    },
  });
  if (values.s !== "dir" || values.t !== "deb")
    throw new Error(`this makes a deb of folders, not ${values.t} of ${values.s}`);
  const mappings = positionals.map((mapping) => {
    const at = mapping.lastIndexOf("=/");
    if (at < 0) throw new Error(`no place for ${mapping}`);
    return { from: mapping.slice(0, at), to: mapping.slice(at + 1) };
  });
  return { ...values, mappings };
}

/**
 * The package's control file. Source: Debian policy, chapter 5.
 * @param {ReturnType<typeof readWords>} words
 * @param {number} bytes of all files
 */
export function controlText(words, bytes) {
  const fields = {
    Package: words.name,
    Version: words.version,
    Architecture: words.architecture,
    Maintainer: words.maintainer,
    Vendor: words.vendor,
    License: words.license,
    "Installed-Size": String(Math.ceil(bytes / 1024)),
    Depends: words.depends?.join(", "),
    Recommends: words["deb-recommends"]?.join(", "),
    Section: words.category ?? "misc",
    Priority: words["deb-priority"],
    Homepage: words.url,
    Description: descriptionText(words.description ?? ""),
  };
  return Object.entries(fields)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}\n`]))
    .join("");
}

/**
 * A line, and below it indented ones; an empty line is a dot.
 * @param {string} description
 */
function descriptionText(description) {
  const [synopsis = "", ...rest] = description.trim().split("\n");
  return [synopsis, ...rest.map((line) => ` ${line.trim() === "" ? "." : line.trim()}`)].join("\n");
}

/** @param {ReturnType<typeof readWords>} words */
function makeDeb(words) {
  const { path: root, remove } = temporaryFolder("deb");
  try {
    for (const { from, to } of words.mappings) {
      const place = join(root, to);
      mkdirSync(dirname(place), { recursive: true });
      if (from.endsWith("/")) cpSync(from, place, { recursive: true, verbatimSymlinks: true });
      else copyFileSync(from, place);
    }
    const files = filesIn(root);
    openToAll(root);
    const control = join(root, "DEBIAN");
    mkdirSync(control);
    const bytes = files.reduce((sum, file) => sum + statSync(join(root, file)).size, 0);
    writeFileSync(join(control, "control"), controlText(words, bytes));
    writeFileSync(join(control, "md5sums"), files.map((file) => `${md5Of(join(root, file))}  ${file}\n`).join(""));
    writeScript(words["after-install"], join(control, "postinst"));
    writeScript(words["after-remove"], join(control, "postrm"));
    const compression = `-Z${(words["deb-compression"] ?? "xz").replace(/^gz$/, "gzip")}`;
    const target = words.package ?? "";
    if (words.force) rmSync(target, { force: true });
    const { status, stderr } = spawnSync("dpkg-deb", ["--build", "--root-owner-group", compression, root, target], {
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`dpkg-deb failed: ${stderr.trim()}`);
  } finally {
    remove();
  }
}

/**
 * @param {string | undefined} from
 * @param {string} to
 */
function writeScript(from, to) {
  if (from === undefined) return;
  copyFileSync(from, to);
  chmodSync(to, 0o755);
}

/** @param {string} root */
function filesIn(root) {
  return readdirSync(root, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)))
    .sort();
}

/**
 * Everybody may read what is installed, whatever this machine's umask is.
 * @param {string} folder
 */
function openToAll(folder) {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) openToAll(path);
    else if (entry.isFile()) chmodSync(path, statSync(path).mode & 0o111 ? 0o755 : 0o644);
  }
}

/** @param {string} path */
function md5Of(path) {
  return createHash("md5").update(readFileSync(path)).digest("hex");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  try {
    makeDeb(readWords(process.argv.slice(2)));
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
