import { defineConfig } from "vitest/config";
import { findElectron, softwareVulkanDriver } from "./build/electron-runtime.mjs";

const electron = findElectron();
const driver = process.env.CHAT_VECTOR_VK_ICD ?? (electron && softwareVulkanDriver(electron.executablePath));

export default defineConfig({
  test: {
    include: ["{src-core,electron,renderer,build}/**/*.test.{ts,tsx}"],
    // WebGPU in Node is a native module: a process for each file, never a thread.
    pool: "forks",
    globalSetup: "build/test-temporary-folder.mjs",
    // Fuzzing in its long mode takes as much longer as it has more cases than the usual 100,000.
    testTimeout: 60_000 * Math.max(1, Number(process.env.CHAT_VECTOR_FUZZ_CASES ?? 0) / 100_000),
    hookTimeout: 60_000,
    env: driver ? { CHAT_VECTOR_VK_ICD: driver } : {},
    // A test that is left alone with `.only` would pass for all.
    allowOnly: false,
  },
});
