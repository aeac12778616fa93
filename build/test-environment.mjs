import { softwareVulkanDriver } from "./electron-runtime.mjs";
import { warningEnvironment } from "./launch-electron.mjs";

/**
 * What the tests are told of this machine: `CHAT_VECTOR_ELECTRON`, the program to test, and `CHAT_VECTOR_VK_ICD`, the driver
 * description of a software Vulkan device for WebGPU in Node.
 * @param {import("./electron-runtime.mjs").ElectronRuntime} runtime
 * @returns {Record<string, string>}
 */
export function testEnvironment(runtime) {
  const driver = softwareVulkanDriver(runtime.executablePath);
  return {
    CHAT_VECTOR_ELECTRON: runtime.executablePath,
    ...(driver === null ? {} : { CHAT_VECTOR_VK_ICD: driver }),
    ...warningEnvironment(runtime),
  };
}
