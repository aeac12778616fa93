import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { checkout } from "./checkout.mjs";
import { compileKernels, kernelFolder } from "./compile-kernels.mjs";

/**
 * Compiles the kernels of the CPU backend beside a bundle, and again when they are edited.
 * @param {string} to
 * @param {string} relaxedTo of those for engines with relaxed SIMD
 * @returns {import("vite").Plugin}
 */
export function kernelFile(to, relaxedTo) {
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
      writeFileSync(join(checkout, relaxedTo), await compileKernels({ relaxed: true }));
    },
  };
}
