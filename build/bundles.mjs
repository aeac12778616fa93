import { copyFileSync, mkdirSync } from "node:fs";
import { builtinModules } from "node:module";
import { join } from "node:path";
import react from "@vitejs/plugin-react";
import { checkout } from "./checkout.mjs";
import { kernelFile } from "./kernel-file.mjs";
import { loadFailureBanner } from "./load-failure.mjs";

/** @typedef {import("vite").InlineConfig} BundleConfig */
/** @typedef {"main" | "preload" | "ui" | "engine" | "cpuWorker"} BundleName */

/** What the oldest Electron that we run on has: 25.1.1, Chromium 114 and Node 18.15. */
const chromiumTarget = "chrome114";
const nodeTarget = "node18";

/** Electron brings these; a bundle asks for them with `require` when it runs. */
const providedByElectron = ["electron", ...builtinModules, ...builtinModules.map((name) => `node:${name}`)];

/** @type {Record<BundleName, () => BundleConfig>} */
export const bundles = {
  /** koffi is native: resolved from node_modules when the application runs. */
  main: () =>
    nodeBundle("electron/main.ts", "main", "main.cjs", [...providedByElectron, "koffi"], nodeTarget, loadFailureBanner),
  /** Sandboxed: one file. */
  preload: () => nodeBundle("electron/preload.ts", "preload", "preload.cjs", providedByElectron, nodeTarget),
  ui: () => ({
    ...common("ui"),
    root: join(checkout, "renderer", "ui"),
    base: "./",
    plugins: [react()],
    build: {
      ...commonBuild("ui"),
      target: chromiumTarget,
      cssTarget: chromiumTarget,
      // The window's policy allows files of its own, and neither inline scripts nor data: fonts.
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
    },
  }),
  /** A classic script: `import` of a `node:` module does not resolve in a renderer, `require` does. */
  engine: () => {
    const config = nodeBundle("renderer/engine/engine.ts", "engine", "engine.js", providedByElectron, chromiumTarget);
    return {
      ...config,
      plugins: [
        copyPage("renderer/engine/engine.html", "out/engine/engine.html"),
        kernelFile("out/engine/kernels.wasm", "out/engine/kernels-relaxed.wasm"),
      ],
      // Two bundles lie there; who builds empties out/ first.
      build: { ...config.build, emptyOutDir: false },
    };
  },
  /** A classic script for the engine's workers, which lies beside the engine's page. */
  cpuWorker: () => ({
    ...common("cpuWorker"),
    publicDir: false,
    build: {
      ...commonBuild("engine"),
      emptyOutDir: false,
      target: chromiumTarget,
      lib: {
        entry: join(checkout, "renderer/engine/cpu-worker.ts"),
        formats: ["iife"],
        name: "cpuWorker",
        fileName: () => "cpu-worker.js",
      },
    },
  }),
};

/**
 * One CommonJS file with everything in it but what is external.
 * @param {string} entry
 * @param {BundleName} name
 * @param {string} fileName
 * @param {readonly string[]} external
 * @param {string} target
 * @param {string} [banner] what comes before all else
 * @returns {BundleConfig}
 */
function nodeBundle(entry, name, fileName, external, target, banner = "") {
  return {
    ...common(name),
    publicDir: false,
    resolve: { conditions: name === "engine" ? ["browser"] : ["node"] },
    ssr: { noExternal: true, external: [...external], target: "node" },
    build: {
      ...commonBuild(name),
      target,
      ssr: join(checkout, entry),
      rolldownOptions: {
        external: [...external],
        output: { format: "cjs", entryFileNames: fileName, codeSplitting: false, banner },
      },
    },
  };
}

/**
 * @param {BundleName} name
 * @returns {BundleConfig}
 */
function common(name) {
  return {
    configFile: false,
    envDir: false,
    root: checkout,
    mode: "production",
    logLevel: "warn",
    cacheDir: join(checkout, "out", ".cache", name),
  };
}

/**
 * @param {string} folder in out/
 * @returns {import("vite").BuildOptions}
 */
function commonBuild(folder) {
  return {
    outDir: join(checkout, "out", folder),
    emptyOutDir: true,
    minify: false,
    sourcemap: true,
    reportCompressedSize: false,
  };
}

/**
 * @param {string} from
 * @param {string} to
 * @returns {import("vite").Plugin}
 */
function copyPage(from, to) {
  return {
    name: "copy-page",
    buildStart() {
      this.addWatchFile(join(checkout, from));
    },
    writeBundle() {
      mkdirSync(join(checkout, to, ".."), { recursive: true });
      copyFileSync(join(checkout, from), join(checkout, to));
    },
  };
}
