import { readFileSync } from "node:fs";
import { join } from "node:path";
import { filesBelow } from "./import-graph.mjs";

/** Files that are found by where they lie or what they are called, and so need nobody to name them. */
const foundByPlace = [
  /\.(test|spec)\.tsx?$/,
  /^[\w.]+\.config\.ts$/,
  // Types of what is no module: each project of the compiler includes them.
  /\.d\.ts$/,
  /^package\.json$/,
  /\.md$/,
  /(^|\/)tsconfig[\w.]*\.json$/,
];

/** What has to be asked for, by an import or by its path in a program. */
const programFiles = /\.([cm]?[jt]sx?|css|html|wgsl|py|sh)$/;

/** Exports that a compiled module offers: nothing imports them. */
const offeredElsewhere = /^src-core\/cpu\/kernels\/index\.ts$/;

/**
 * What a tree has and nobody uses, as lines for people: files, exports and packages. An export that only tests use is used.
 * @param {string} root
 * @param {import("./import-graph.mjs").ImportGraph} graph
 * @returns {string[]}
 */
export function findUnused(root, graph) {
  const texts = textsBelow(root, graph);
  return [...unusedFiles(texts, graph), ...unusedExports(graph), ...unusedPackages(texts, graph)];
}

/**
 * @param {string} root
 * @param {import("./import-graph.mjs").ImportGraph} graph
 * @returns {Map<string, string>} every file that can be unused or name another one, without what is commented out
 */
function textsBelow(root, { files }) {
  const paths = filesBelow(root).filter((path) => programFiles.test(path) || foundByPlace.some((at) => at.test(path)));
  return new Map(paths.map((path) => [path, files.get(path) ?? readText(root, path)]));
}

/**
 * Of a document, only the programs that it tells people to run.
 * @param {string} root
 * @param {string} path
 */
function readText(root, path) {
  const text = readFileSync(join(root, path), "utf8");
  return path.endsWith(".md") ? `${text.match(/\bnode [\w./-]+\.mjs\b/g)?.join("\n") ?? ""}\n` : text;
}

/**
 * @param {Map<string, string>} texts
 * @param {import("./import-graph.mjs").ImportGraph} graph
 */
function unusedFiles(texts, { imports }) {
  const imported = new Map([...texts.keys()].map((file) => [file, /** @type {string[]} */ ([])]));
  for (const { from, to } of imports) imported.get(from)?.push(to);
  const all = [...texts.keys()];
  const reached = new Set(all.filter((file) => foundByPlace.some((at) => at.test(file))));
  for (const file of reached) {
    for (const target of imported.get(file) ?? []) if (texts.has(target)) reached.add(target);
    for (const name of namedFiles(texts.get(file) ?? "")) {
      for (const target of all) if (target === name || target.endsWith(`/${name}`)) reached.add(target);
    }
  }
  return all.filter((file) => !reached.has(file)).map((file) => `${file}: nothing uses this file`);
}

/**
 * Paths of programs in strings, as "renderer/ui/index.html" or `node build/start.mjs` are.
 * @param {string} text
 */
function namedFiles(text) {
  const paths = text.match(/(?<=["'`\s/])[\w.@-]+(?:\/[\w.@-]+)*\.(?:[cm]?[jt]sx?|css|html|wgsl|py|sh)(?=["'`\s?])/g);
  return new Set((paths ?? []).map((path) => path.replace(/^(\.{1,2}\/)+/, "")));
}

/** @param {import("./import-graph.mjs").ImportGraph} graph */
function unusedExports({ files, imports, exports }) {
  /** @type {Map<string, Set<string>>} */
  const used = new Map([...exports.keys()].map((file) => [file, new Set()]));
  for (const { to, names } of imports) {
    const taken = names === "all" ? (exports.get(to) ?? []).map(({ name }) => name) : names;
    for (const name of taken) used.get(to)?.add(name);
  }
  return [...exports].flatMap(([file, entries]) =>
    entries
      .filter(({ name }) => name !== "default" && !offeredElsewhere.test(file) && !used.get(file)?.has(name))
      // A type that this file's own exports speak of may be exported with them.
      .filter(({ name, isType }) => !isType || countWord(files.get(file) ?? "", name) < 2)
      .map(({ name, line }) => `${file}:${line} exports ${name}: nothing imports it`),
  );
}

/**
 * @param {string} code
 * @param {string} word
 */
function countWord(code, word) {
  return code.match(new RegExp(`(?<![\\w$])${word.replaceAll("$", "\\$")}(?![\\w$])`, "g"))?.length ?? 0;
}

/**
 * Packages of package.json that no file imports or names. Types of a package are used where it is, or where a project of the
 * compiler names them.
 * @param {Map<string, string>} texts
 * @param {import("./import-graph.mjs").ImportGraph} graph
 */
function unusedPackages(texts, { imports }) {
  const manifest = JSON.parse(texts.get("package.json") ?? "{}");
  const imported = new Set(imports.map(({ to }) => to));
  const named = [...texts].filter(([file]) => file !== "package.json").map(([, text]) => text);
  const isUsed = (/** @type {string} */ name) =>
    imported.has(`npm:${name}`) || named.some((text) => text.includes(`"${name}"`) || text.includes(`"${name}/`));
  return Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })
    .filter((name) => !isUsed(name) && !isUsed(name.replace(/^@types\//, "")) && !programsOf(name).some(isUsed))
    .map((name) => `package.json: nothing uses ${name}`);
}

/**
 * What the program of a package is called, where it is not called after its package.
 * @param {string} name
 */
function programsOf(name) {
  return { typescript: ["tsc"], "@biomejs/biome": ["biome"] }[name] ?? [];
}
