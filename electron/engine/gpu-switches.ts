import { readdirSync } from "node:fs";
import type { CommandLine } from "electron";

/** What the choice of switches depends on. */
export interface GpuMachine {
  readonly platform: NodeJS.Platform;
  /** A driver has made a device that programs may compute on. */
  readonly hasGpu: boolean;
}

/** A Chromium switch; features are joined with those that are there already. */
export type GpuSwitch = readonly [name: string, value?: string];

/**
 * What Chromium needs to be told to give WebGPU. Linux keeps it behind a switch. Without a GPU there, Chromium's own software device
 * (SwiftShader) computes; it is never forced on a machine that has one. Verified with Electron 25.1.1: appended before the
 * application is ready they have the same effect as on the command line.
 */
export function gpuSwitches({ platform, hasGpu }: GpuMachine): readonly GpuSwitch[] {
  if (platform !== "linux") return [];
  const common: GpuSwitch[] = [["enable-unsafe-webgpu"], ["enable-features", "Vulkan"]];
  return hasGpu ? common : [...common, ["use-vulkan", "swiftshader"], ["use-webgpu-adapter", "swiftshader"]];
}

/**
 * @param deviceFiles names below /dev: a render node or an NVIDIA device is a GPU, a mere display (`dri/card0`) is not
 */
export function hasGpuDevice(deviceFiles: readonly string[]): boolean {
  return deviceFiles.some((name) => /^(dri\/renderD|nvidia)\d+$/.test(name));
}

/** Must run before the application is ready. `CHAT_VECTOR_GPU=software` asks for the software device, where a driver is broken. */
export function appendGpuSwitches(commandLine: CommandLine): void {
  const wantsSoftware = process.env.CHAT_VECTOR_GPU === "software";
  const hasGpu =
    !wantsSoftware && hasGpuDevice([...namesIn("/dev"), ...namesIn("/dev/dri").map((name) => `dri/${name}`)]);
  for (const [name, value] of gpuSwitches({ platform: process.platform, hasGpu })) {
    const present = commandLine.getSwitchValue(name);
    if (value === undefined) commandLine.appendSwitch(name);
    else commandLine.appendSwitch(name, name === "enable-features" && present !== "" ? `${present},${value}` : value);
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
