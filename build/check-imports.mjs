#!/usr/bin/env node
/** `node build/check-imports.mjs [root]`: holds a tree to the import rules. */
import { checkout } from "./checkout.mjs";
import { findBreaches } from "./import-check.mjs";
import { readImportGraph } from "./import-graph.mjs";

const graph = readImportGraph(process.argv[2] ?? checkout);
const breaches = findBreaches(graph);
for (const breach of breaches) console.log(breach);
console.log(`${graph.files.size} files, ${graph.imports.length} imports, ${breaches.length} against the rules`);
// A check that found no program has checked nothing.
process.exitCode = breaches.length > 0 || graph.files.size === 0 ? 1 : 0;
