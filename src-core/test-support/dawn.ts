import { existsSync, readdirSync } from "node:fs";
import { create, globals } from "webgpu";

/**
 * WebGPU in Node, on hardware where there is some, else on a software Vulkan driver (CHAT_VECTOR_VK_ICD names its json, or
 * Debian's Chromium brings one); null where there is no adapter at all.
 */
export async function findDawnGpu(): Promise<GPU | null> {
  Object.assign(globalThis, globals);
  if (mayHaveHardware()) {
    const gpu = await gpuWithAdapter();
    if (gpu !== null) return gpu;
  }
  for (const driver of [process.env.CHAT_VECTOR_VK_ICD, "/usr/lib/chromium/vk_swiftshader_icd.json"]) {
    if (driver === undefined || !existsSync(driver)) continue;
    // The Vulkan loader reads it whenever an instance is made.
    process.env.VK_ICD_FILENAMES = driver;
    const gpu = await gpuWithAdapter();
    if (gpu !== null) return gpu;
  }
  return null;
}

/** On Linux only with an installed Vulkan driver; without one Dawn prints a page of warnings. */
function mayHaveHardware(): boolean {
  if (process.platform !== "linux") return true;
  if (process.env.VK_ICD_FILENAMES !== undefined || process.env.VK_DRIVER_FILES !== undefined) return true;
  const folders = ["/usr/share/vulkan/icd.d", "/usr/local/share/vulkan/icd.d", "/etc/vulkan/icd.d"];
  return folders.some((folder) => existsSync(folder) && readdirSync(folder).length > 0);
}

async function gpuWithAdapter(): Promise<GPU | null> {
  const gpu = create([]);
  kept.push(gpu);
  return (await gpu.requestAdapter()) === null ? null : gpu;
}

/** Once Dawn's object is collected everything made with it crashes: it must live as long as the process. */
const kept: GPU[] = [];
Object.assign(globalThis, { dawnObjects: kept });
