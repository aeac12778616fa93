#!/usr/bin/env node
/** `node build/check-imports.mjs [root]`: holds a tree to the import rules, and finds what nothing imports. */
import { checkout } from "./checkout.mjs";
import { findBreaches } from "./import-check.mjs";
import { readImportGraph } from "./import-graph.mjs";
import { findUnused } from "./unused-check.mjs";

const root = process.argv[2] ?? checkout;
const graph = readImportGraph(root);
const breaches = findBreaches(graph);
const unused = findUnused(root, graph);
for (const line of [...breaches, ...unused]) console.log(line);
const counts = [`${graph.files.size} files`, `${graph.imports.length} imports`];
console.log([...counts, `${breaches.length} against the rules`, `${unused.length} unused`].join(", "));
// A check that found no program has checked nothing.
process.exitCode = breaches.length + unused.length > 0 || graph.files.size === 0 ? 1 : 0;
