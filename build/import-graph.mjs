import { existsSync, readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, posix, sep } from "node:path";
import { parseSync } from "vite";

/**
 * @typedef {object} Import
 * @property {string} from the importing file, relative to the root
 * @property {string} to a file relative to the root, `node:…`, `npm:<package>`, or `missing:…`
 * @property {boolean} typesOnly nothing of it is left when the program runs
 * @property {readonly string[] | "all"} names what is taken of it; a default's name is `default`
 * @property {number} line
 */

/** @typedef {{ name: string, isType: boolean, line: number }} Export */

/**
 * @typedef {object} ImportGraph
 * @property {Map<string, string>} files each file's code without its comments
 * @property {Import[]} imports
 * @property {Map<string, readonly Export[]>} exports of each file
 */

const skippedFolders = new Set(["node_modules", "out", "dist", "test-results"]);

/**
 * Reads every import of every source file below a root. Parsed by the bundler's own parser, so that what is checked is
 * what is built; TypeScript 7 has no parser that another program could load.
 * @param {string} root
 * @returns {ImportGraph}
 */
export function readImportGraph(root) {
  /** @type {ImportGraph} */
  const graph = { files: new Map(), imports: [], exports: new Map() };
  for (const file of filesBelow(root).filter((path) => /\.[cm]?[jt]sx?$/.test(path))) {
    const source = readFileSync(join(root, file), "utf8");
    const parsed = parseSync(file, source);
    if (parsed.errors.length > 0) throw new Error(`${file} cannot be parsed: ${parsed.errors[0]?.message}`);
    const code = withoutComments(source, parsed.comments);
    graph.files.set(file, code);
    const lineAt = (/** @type {number} */ start) => source.slice(0, start).split("\n").length;
    for (const { specifier, typesOnly, names, start } of importsOf(parsed.module, code)) {
      const to = resolveSpecifier(root, file, specifier);
      graph.imports.push({ from: file, to, typesOnly, names, line: lineAt(start) });
    }
    graph.exports.set(
      file,
      parsed.module.staticExports.flatMap(({ entries }) =>
        entries.flatMap(({ exportName, isType, start }) =>
          exportName.name === null ? [] : [{ name: exportName.name, isType, line: lineAt(start) }],
        ),
      ),
    );
  }
  return graph;
}

/**
 * Every file below a root but what is installed, built, or hidden; relative to it, with `/`.
 * @param {string} root
 * @param {string} [folder]
 * @returns {string[]}
 */
export function filesBelow(root, folder = "") {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith(".") || skippedFolders.has(entry.name)) return [];
    const path = posix.join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(root, path) : [path];
  });
}

/**
 * Comments become spaces: offsets and lines stay.
 * @param {string} source
 * @param {readonly { start: number, end: number }[]} comments
 */
function withoutComments(source, comments) {
  let code = source;
  for (const { start, end } of comments) {
    code = code.slice(0, start) + source.slice(start, end).replace(/[^\n]/g, " ") + code.slice(end);
  }
  return code;
}

/** @typedef {{ specifier: string, typesOnly: boolean, names: readonly string[] | "all", start: number }} FoundImport */

/**
 * @param {ReturnType<typeof parseSync>["module"]} module
 * @param {string} code
 * @returns {FoundImport[]}
 */
function importsOf(module, code) {
  /** @type {FoundImport[]} */
  const found = module.staticImports.map(({ moduleRequest, entries, start }) => ({
    specifier: moduleRequest.value,
    // Without names it is there for what it does; `import {} from` is not written.
    typesOnly: entries.length > 0 && entries.every(({ isType }) => isType),
    names: namesOf(entries.map(({ importName }) => importName)),
    start,
  }));
  for (const { entries, start } of module.staticExports) {
    for (const { moduleRequest, importName, isType } of entries) {
      if (!moduleRequest) continue;
      found.push({ specifier: moduleRequest.value, typesOnly: isType, names: namesOf([importName]), start });
    }
  }
  const dynamicStarts = new Set(module.dynamicImports.map(({ start }) => start));
  for (const match of code.matchAll(/\b(import|require)\s*\(\s*(["'`])([^"'`$]+)\2\s*\)?/g)) {
    const [text, keyword, , specifier = ""] = match;
    // `import("x").T` in a type is no dynamic import.
    const typesOnly = keyword === "import" && !dynamicStarts.has(match.index);
    const names = namesAround(code.slice(0, match.index), code.slice(match.index + text.length));
    found.push({ specifier, typesOnly, names, start: match.index });
  }
  return found;
}

/**
 * @param {readonly { kind: string, name: string | null }[]} names
 * @returns {readonly string[] | "all"}
 */
function namesOf(names) {
  const taken = names.map(({ kind, name }) => (kind === "Default" ? "default" : name));
  return taken.every((name) => name !== null) ? taken : "all";
}

/**
 * What is taken of an `import()` between two pieces of code: `const { a, b } = await import(…)`, `import(…).T`, or all.
 * @param {string} before
 * @param {string} after
 * @returns {readonly string[] | "all"}
 */
function namesAround(before, after) {
  const taken = /\{([^{}]*)\}\s*=\s*await\s*$/.exec(before)?.[1];
  if (taken !== undefined) return taken.split(",").map((name) => (name.split(":")[0] ?? "").trim());
  const member = /^\s*\.\s*(\w+)/.exec(after)?.[1];
  return member === undefined || member === "then" ? "all" : [member];
}

/**
 * @param {string} root
 * @param {string} from
 * @param {string} specifier
 * @returns {string}
 */
function resolveSpecifier(root, from, specifier) {
  const [path = ""] = specifier.split("?");
  if (path.startsWith(".") || path.startsWith("/")) {
    const file = posix.normalize(posix.join(dirname(from).replaceAll(sep, "/"), path));
    return !path.startsWith("/") && existsSync(join(root, file)) ? file : `missing:${specifier}`;
  }
  if (path.startsWith("node:")) return path;
  if (builtinModules.includes(path)) return `node:${path}`;
  const parts = path.split("/");
  return `npm:${path.startsWith("@") ? parts.slice(0, 2).join("/") : parts[0]}`;
}
