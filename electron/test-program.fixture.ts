import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

/** Bundles a program for a process of its own, which Node can run; returns its path. */
export async function buildTestProgram(entry: URL): Promise<string> {
  const source = fileURLToPath(entry);
  const name = basename(source, ".fixture.ts");
  // Beside the packages: koffi is found from there.
  const folder = fileURLToPath(new URL(`../out/.cache/${name}`, import.meta.url));
  const output = { entryFileNames: `${name}.mjs` };
  await build({
    configFile: false,
    logLevel: "silent",
    publicDir: false,
    ssr: { noExternal: true, external: ["koffi"] },
    build: { ssr: source, outDir: folder, target: "node18", rolldownOptions: { external: ["koffi"], output } },
  });
  return join(folder, `${name}.mjs`);
}
