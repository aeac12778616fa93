import { existsSync, readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, posix, sep } from "node:path";
import { parseSync } from "vite";

/**
 * @typedef {object} Import
 * @property {string} from the importing file, relative to the root
 * @property {string} to a file relative to the root, `node:…`, `npm:<package>`, or `missing:…`
 * @property {boolean} typesOnly nothing of it is left when the program runs
 * @property {number} line
 */

/** @typedef {{ files: Map<string, string>, imports: Import[] }} ImportGraph `files` has each file's code without its comments */

const skippedFolders = new Set(["node_modules", "out", "dist", "test-results"]);

/**
 * Reads every import of every source file below a root. Parsed by the bundler's own parser, so that what is checked is
 * what is built; TypeScript 7 has no parser that another program could load.
 * @param {string} root
 * @returns {ImportGraph}
 */
export function readImportGraph(root) {
  /** @type {ImportGraph} */
  const graph = { files: new Map(), imports: [] };
  for (const file of sourceFiles(root, "")) {
    const source = readFileSync(join(root, file), "utf8");
    const parsed = parseSync(file, source);
    if (parsed.errors.length > 0) throw new Error(`${file} cannot be parsed: ${parsed.errors[0]?.message}`);
    const code = withoutComments(source, parsed.comments);
    graph.files.set(file, code);
    for (const { specifier, typesOnly, start } of importsOf(parsed.module, code)) {
      const line = source.slice(0, start).split("\n").length;
      graph.imports.push({ from: file, to: resolveSpecifier(root, file, specifier), typesOnly, line });
    }
  }
  return graph;
}

/**
 * @param {string} root
 * @param {string} folder
 * @returns {string[]}
 */
function sourceFiles(root, folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith(".") || skippedFolders.has(entry.name)) return [];
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) return sourceFiles(root, path);
    return /\.[cm]?[jt]sx?$/.test(entry.name) ? [path] : [];
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

/**
 * @param {ReturnType<typeof parseSync>["module"]} module
 * @param {string} code
 * @returns {{ specifier: string, typesOnly: boolean, start: number }[]}
 */
function importsOf(module, code) {
  const found = module.staticImports.map(({ moduleRequest, entries, start }) => ({
    specifier: moduleRequest.value,
    // Without names it is there for what it does; `import {} from` is not written.
    typesOnly: entries.length > 0 && entries.every(({ isType }) => isType),
    start,
  }));
  for (const { entries, start } of module.staticExports) {
    for (const { moduleRequest, isType } of entries) {
      if (moduleRequest) found.push({ specifier: moduleRequest.value, typesOnly: isType, start });
    }
  }
  const dynamicStarts = new Set(module.dynamicImports.map(({ start }) => start));
  for (const match of code.matchAll(/\b(import|require)\s*\(\s*(["'`])([^"'`$]+)\2/g)) {
    const [, keyword, , specifier = ""] = match;
    // `import("x").T` in a type is no dynamic import.
    found.push({ specifier, typesOnly: keyword === "import" && !dynamicStarts.has(match.index), start: match.index });
  }
  return found;
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
