import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { checkout } from "./checkout.mjs";
import { compileKernels, kernelFolder } from "./compile-kernels.mjs";

/**
 * Compiles the kernels of the CPU backend beside a bundle, and again when they are edited.
 * @param {string} to
 * @returns {import("vite").Plugin}
 */
export function kernelFile(to) {
  return {
    name: "kernel-file",
    buildStart() {
      for (const name of readdirSync(join(checkout, kernelFolder))) {
        this.addWatchFile(join(checkout, kernelFolder, name));
      }
    },
    async writeBundle() {
      mkdirSync(dirname(join(checkout, to)), { recursive: true });
      writeFileSync(join(checkout, to), await compileKernels());
    },
  };
}
