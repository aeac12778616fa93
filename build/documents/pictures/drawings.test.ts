import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { checkout } from "../../checkout.mjs";
import { readImportGraph } from "../../import-graph.mjs";
import { drawings } from "./drawings.mjs";
import { folderImports, layers } from "./imports.mjs";

it.each(drawings())("$file is what `node build/documents/draw-pictures.mjs` draws now", ({ file, svg }) => {
  expect(readFileSync(join(checkout, file), "utf8")).toBe(svg);
});

it("every folder has its layer, and imports none above it", () => {
  const folders = readdirSync(join(checkout, "src-core"), { withFileTypes: true });
  const known = folders.filter((entry) => entry.isDirectory() && entry.name !== "test-support");
  expect(known.map(({ name }) => `src-core/${name}`).filter((name) => !layers.includes(name))).toEqual([]);
  const upwards = [...folderImports(readImportGraph(checkout)).keys()].filter((edge) => {
    const [from = "", to = ""] = edge.split(" ");
    return layers.indexOf(from) > layers.indexOf(to);
  });
  expect(upwards).toEqual([]);
});
