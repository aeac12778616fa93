import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const checkout = fileURLToPath(new URL("../..", import.meta.url));
const folder = join(checkout, "out", "test");
const fileName = "numeric-table.js";

/** One classic script for any page, which sets `globalThis.numericTable`; also left at out/test/numeric-table.js. */
export async function bundleNumericTable(): Promise<string> {
  await build({
    configFile: false,
    root: checkout,
    publicDir: false,
    logLevel: "warn",
    build: {
      // What the oldest Electron that we run on has.
      target: "chrome114",
      outDir: folder,
      emptyOutDir: false,
      minify: false,
      lib: {
        entry: fileURLToPath(new URL("entry.ts", import.meta.url)),
        formats: ["iife"],
        name: "numericTableBundle",
        fileName: () => fileName,
      },
    },
  });
  return await readFile(join(folder, fileName), "utf8");
}
