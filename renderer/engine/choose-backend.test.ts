import { describe, expect, test } from "vitest";
import type { Backend } from "../../src-core/engine/backend.ts";
import { StudioError } from "../../src-core/errors.ts";
import { createReferenceBackend } from "../../src-core/test-support/reference-backend.ts";
import { type BackendSources, chooseBackend, type Gpu } from "./choose-backend.ts";

const size = { slotCount: 1, inputBytes: 64, outputBytes: 64, operationCount: 1 };
const cpu: Backend = createReferenceBackend(size);
const onGpu: Backend = { ...createReferenceBackend(size), kind: "gpu" };
const failure = new StudioError({ code: "device-failed", what: "it is broken" });
const refuse = () => Promise.reject(failure);

const real: Gpu = { name: "A GPU", isFallback: false, open: async () => onGpu };
const software: Gpu = { name: "SwiftShader (CPU)", isFallback: true, open: async () => onGpu };
const machine = (gpu: Gpu | null, openCpu: BackendSources["openCpu"] = async () => cpu): BackendSources => ({
  findGpu: async () => gpu,
  openCpu,
});

describe("what computes", () => {
  test.each([
    ["a GPU", machine(real), "gpu", "it is this machine's GPU"],
    ["software WebGPU", machine(software), "cpu", "the only GPU is software: SwiftShader (CPU)"],
    ["no WebGPU", machine(null), "cpu", "there is no GPU"],
    ["a GPU that does not start", machine({ ...real, open: refuse }), "cpu", "the GPU does not start: it is broken"],
    ["a GPU, and no CPU backend", machine(real, refuse), "gpu", "it is this machine's GPU"],
  ])("by itself with %s", async (_, sources, kind, because) => {
    expect(await chooseBackend("auto", sources)).toMatchObject({ backend: { kind }, fallback: false, because });
  });

  test("is software WebGPU where nothing else starts", async () => {
    expect(await chooseBackend("auto", machine(software, refuse))).toMatchObject({
      backend: { kind: "gpu" },
      fallback: true,
      because: "there is no GPU, and the CPU backend does not start: it is broken",
    });
  });

  test("is what was asked for", async () => {
    const because = "it was asked for";
    expect(await chooseBackend("cpu", machine(real))).toMatchObject({ backend: cpu, fallback: false, because });
    expect(await chooseBackend("gpu", machine(real))).toMatchObject({ backend: onGpu, fallback: false, because });
    expect(await chooseBackend("gpu", machine(software))).toMatchObject({ backend: onGpu, fallback: true, because });
  });

  test("comes with the GPU that was found, whether it computes or not, unless the CPU was asked for", async () => {
    const name = "SwiftShader (CPU)";
    expect(await chooseBackend("auto", machine(software))).toMatchObject({ foundGpu: { name, isFallback: true } });
    expect(await chooseBackend("gpu", machine(real))).toMatchObject({ foundGpu: { name: "A GPU", isFallback: false } });
    expect(await chooseBackend("auto", machine(null))).toMatchObject({ foundGpu: { name: null } });
    expect(await chooseBackend("cpu", machine(real))).not.toHaveProperty("foundGpu");
  });

  test("is nothing where what was asked for cannot be had", async () => {
    await expect(chooseBackend("gpu", machine(null))).rejects.toMatchObject({ failure: { code: "device-missing" } });
    await expect(chooseBackend("gpu", machine({ ...real, open: refuse }))).rejects.toBe(failure);
    await expect(chooseBackend("cpu", machine(real, refuse))).rejects.toBe(failure);
    await expect(chooseBackend("auto", machine(null, refuse))).rejects.toBe(failure);
  });
});
