import { exempt, gpuBlindFolders, importRules } from "./import-rules.mjs";

/**
 * Everything in a tree that breaks a rule, as lines for people.
 * @param {import("./import-graph.mjs").ImportGraph} graph
 * @returns {string[]}
 */
export function findBreaches(graph) {
  return [...breachesOfRules(graph), ...gpuNamesInBlindFolders(graph), ...cycles(graph)];
}

/** @param {import("./import-graph.mjs").ImportGraph} graph */
function breachesOfRules({ imports }) {
  return imports
    .filter(({ from }) => !exempt.test(from))
    .flatMap((edge) =>
      importRules
        .filter((rule) => breaks(rule, edge))
        .map((rule) => `${edge.from}:${edge.line} imports ${edge.to}: ${rule.name}`),
    );
}

/**
 * @param {import("./import-rules.mjs").ImportRule} rule
 * @param {import("./import-graph.mjs").Import} edge
 */
function breaks(rule, { from, to, typesOnly }) {
  if (!rule.from.test(from) || (rule.typesAllowed === true && typesOnly)) return false;
  const forbidden = rule.never?.some((pattern) => pattern.test(to)) ?? false;
  const outside =
    rule.only !== undefined && !to.startsWith("missing:") && !rule.only.some((pattern) => pattern.test(to));
  return forbidden || outside;
}

/** @param {import("./import-graph.mjs").ImportGraph} graph */
function gpuNamesInBlindFolders({ files }) {
  return [...files]
    .filter(([file]) => gpuBlindFolders.test(file) && !exempt.test(file))
    .flatMap(([file, code]) => {
      const match = /\bGPU[A-Z]\w*|\bnavigator\.gpu\b/.exec(code);
      if (match === null) return [];
      return [
        `${file}:${code.slice(0, match.index).split("\n").length} names ${match[0]}: this folder never sees a GPU`,
      ];
    });
}

/**
 * Cycles of files, types included: each is said once, from its first file in the order of names.
 * @param {import("./import-graph.mjs").ImportGraph} graph
 */
function cycles({ files, imports }) {
  /** @type {Map<string, string[]>} */
  const targets = new Map([...files.keys()].sort().map((file) => [file, []]));
  for (const { from, to } of imports) if (targets.has(to)) targets.get(from)?.push(to);
  /** @type {string[]} */
  const found = [];
  /** @type {string[]} */
  const path = [];
  const done = new Set();
  const visit = (/** @type {string} */ file) => {
    const start = path.indexOf(file);
    if (start >= 0) found.push(`${[...path.slice(start), file].join(" → ")}: no cycles`);
    if (start >= 0 || done.has(file)) return;
    path.push(file);
    for (const target of targets.get(file) ?? []) visit(target);
    path.pop();
    done.add(file);
  };
  for (const file of targets.keys()) visit(file);
  return found;
}
