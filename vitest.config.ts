import { availableParallelism } from "node:os";
import { configDefaults, defineConfig } from "vitest/config";
import { findElectron, softwareVulkanDriver } from "./build/electron-runtime.mjs";

const electron = findElectron();
const driver = process.env.CHAT_VECTOR_VK_ICD ?? (electron && softwareVulkanDriver(electron.executablePath));

const all = "{src-core,electron,renderer,build}/**/*.test.{ts,tsx}";
/**
 * A process for each file: WebGPU in Node is a native module that does not end well, and where a test holds memory or processor time
 * to a bound, what other tests have left behind would count.
 */
const alone = [
  "src-core/{measure,merge}.test.ts",
  "src-core/gpu/*.test.ts",
  "{src-core,electron}/**/*.fuzz.test.ts",
  "{src-core,electron}/**/{header-limits,hostile-*,scale,sample-model,cached-models}.test.ts",
];

const project = {
  pool: "forks",
  // Fuzzing in its long mode takes as much longer as it has more cases than the usual 100,000.
  testTimeout: 60_000 * Math.max(1, Number(process.env.CHAT_VECTOR_FUZZ_CASES ?? 0) / 100_000),
  hookTimeout: 60_000,
  env: driver ? { CHAT_VECTOR_VK_ICD: driver } : {},
} as const;

export default defineConfig({
  test: {
    globalSetup: "build/test-temporary-folder.mjs",
    // A test that is left alone with `.only` would pass for all.
    allowOnly: false,
    // Vitest leaves one processor free; but most tests also wait for a disk or another process.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      { test: { ...project, name: "alone", include: alone, exclude: configDefaults.exclude } },
      // Files share processes, and with them what they import: half of the time was loading the same again.
      {
        test: {
          ...project,
          name: "shared",
          isolate: false,
          include: [all],
          exclude: [...configDefaults.exclude, ...alone],
        },
      },
    ],
  },
});
