import { describe, expect, it } from "vitest";
import { gpuSwitches, hasGpuDevice } from "./gpu-switches.ts";

const software = ["use-vulkan", "use-webgpu-adapter"];
const names = (machine: Parameters<typeof gpuSwitches>[0]) => gpuSwitches(machine).map(([name]) => name);

describe("the switches that WebGPU needs", () => {
  it("force the software device on Linux only where there is no GPU", () => {
    expect(names({ platform: "linux", hasGpu: false })).toEqual(expect.arrayContaining(software));
    expect(names({ platform: "linux", hasGpu: true })).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^use-/)]),
    );
  });

  it("open WebGPU on every Linux", () => {
    for (const hasGpu of [false, true]) expect(names({ platform: "linux", hasGpu })).toContain("enable-unsafe-webgpu");
  });

  it("leave Windows and macOS as they are", () => {
    for (const platform of ["win32", "darwin"] as const) expect(names({ platform, hasGpu: false })).toEqual([]);
  });
});

describe("a machine has a GPU", () => {
  it.each([[["dri/renderD128"]], [["null", "nvidia0"]], [["dri/card0", "dri/renderD129"]]])("with %j", (files) => {
    expect(hasGpuDevice(files)).toBe(true);
  });

  it.each([[[]], [["dri/card0"]], [["nvidiactl", "nvidia-uvm", "null"]]])("not with %j", (files) => {
    expect(hasGpuDevice(files)).toBe(false);
  });
});
