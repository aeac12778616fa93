import { checkout } from "../../checkout.mjs";
import { readImportGraph } from "../../import-graph.mjs";
import { drawImports } from "./imports.mjs";
import { drawProcesses } from "./processes.mjs";

/** The drawings of docs/architecture.md, as they should be. */
export function drawings() {
  return [
    { file: "docs/pictures/processes.svg", svg: drawProcesses() },
    { file: "docs/pictures/imports.svg", svg: drawImports(readImportGraph(checkout)) },
  ];
}
