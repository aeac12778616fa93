import { existsSync } from "node:fs";
import { create, globals } from "webgpu";

/**
 * WebGPU in Node, on hardware where there is some, else on a software Vulkan driver (CHAT_VECTOR_VK_ICD names its json, or
 * Debian's Chromium brings one); null where there is no adapter at all.
 */
export async function findDawnGpu(): Promise<GPU | null> {
  Object.assign(globalThis, globals);
  const drivers = [process.env.CHAT_VECTOR_VK_ICD, "/usr/lib/chromium/vk_swiftshader_icd.json"];
  const hardware = await gpuWithAdapter();
  if (hardware !== null) return hardware;
  for (const driver of drivers) {
    if (driver === undefined || !existsSync(driver)) continue;
    // The Vulkan loader reads it whenever an instance is made.
    process.env.VK_ICD_FILENAMES = driver;
    const gpu = await gpuWithAdapter();
    if (gpu !== null) return gpu;
  }
  return null;
}

async function gpuWithAdapter(): Promise<GPU | null> {
  const gpu = create([]);
  kept.push(gpu);
  return (await gpu.requestAdapter()) === null ? null : gpu;
}

/** Once Dawn's object is collected everything made with it crashes: it must live as long as the process. */
const kept: GPU[] = [];
Object.assign(globalThis, { dawnObjects: kept });
