import { describe, expect, it } from "vitest";
import { readAdapterInfo } from "./adapter-info.ts";
import { requestComputeDevice } from "./device.ts";

const adapter = (fields: object) => fields as GPUAdapter;

describe("readAdapterInfo", () => {
  it("names a GPU by its description", async () => {
    const info = { vendor: "nvidia", architecture: "lovelace", device: "", description: "NVIDIA RTX 4090" };
    expect(await readAdapterInfo(adapter({ info }))).toEqual({ name: "NVIDIA RTX 4090", isFallback: false });
  });

  it("makes do with vendor and architecture, which is all that browsers tell of most", async () => {
    const info = { vendor: "amd", architecture: "rdna-3", device: "", description: "" };
    expect(await readAdapterInfo(adapter({ info }))).toEqual({ name: "amd rdna-3", isFallback: false });
  });

  it("asks older Chromium, which has a method for it", async () => {
    const old = {
      isFallbackAdapter: false,
      requestAdapterInfo: async () => ({ vendor: "intel", architecture: "gen-12lp" }),
    };
    expect(await readAdapterInfo(adapter(old))).toEqual({ name: "intel gen-12lp", isFallback: false });
  });

  it.each([
    [{ info: { vendor: "google", architecture: "swiftshader" } }, "SwiftShader (CPU)"],
    [{ info: { description: "llvmpipe (LLVM 15.0.6, 256 bits)" } }, "llvmpipe (CPU)"],
    [{ info: { description: "Microsoft Basic Render Driver" } }, "Microsoft Basic Render Driver (CPU)"],
    [{ info: { description: "something", isFallbackAdapter: true } }, "something (CPU)"],
    [{ isFallbackAdapter: true }, "unknown GPU (CPU)"],
  ])("recognises an adapter that computes on the CPU: %o", async (fields, name) => {
    expect(await readAdapterInfo(adapter(fields))).toEqual({ name, isFallback: true });
  });
});

describe("requestComputeDevice", () => {
  it("rejects with device-missing where there is no WebGPU", async () => {
    await expect(requestComputeDevice(undefined)).rejects.toMatchObject({ failure: { code: "device-missing" } });
  });

  it("rejects with device-missing where there is no adapter", async () => {
    const gpu = { requestAdapter: async () => null } as unknown as GPU;
    await expect(requestComputeDevice(gpu)).rejects.toMatchObject({ failure: { code: "device-missing" } });
  });

  it("asks for all the buffer size there is, and says which adapter gives no device", async () => {
    const asked: unknown[] = [];
    const gpu = {
      requestAdapter: async () => ({
        info: { description: "A GPU" },
        limits: { maxBufferSize: 1e9, maxStorageBufferBindingSize: 2e9 },
        requestDevice: async (descriptor: unknown) => {
          asked.push(descriptor);
          throw new Error("no more devices");
        },
      }),
    } as unknown as GPU;
    await expect(requestComputeDevice(gpu)).rejects.toMatchObject({
      failure: { code: "device-failed", where: "A GPU", actual: "no more devices" },
    });
    expect(asked).toEqual([{ requiredLimits: { maxBufferSize: 1e9, maxStorageBufferBindingSize: 2e9 } }]);
  });
});
