import { EventEmitter } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { BackendChoice, FoundGpu } from "../../src-core/engine/protocol.ts";
import type { EngineState } from "../api/environment.ts";
import { KeptJson } from "../kept/kept-json.ts";
import { DeviceMemory, knownDevicesSchema } from "./known-devices.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chat-vector-devices-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

class Engine extends EventEmitter<{ state: [EngineState]; foundGpu: [FoundGpu] }> {
  backend: BackendChoice = "auto";
}

const ready: EngineState = {
  status: "ready",
  kind: "cpu",
  adapter: "CPU, 2 threads",
  fallback: false,
  because: "there is no GPU",
  failure: null,
};

const memoryOf = (engine: Engine) =>
  new DeviceMemory(new KeptJson(join(folder, "devices.json"), knownDevicesSchema), engine);

test("devices are known from what the engine finds and takes, also at the next start", () => {
  const engine = new Engine();
  const memory = memoryOf(engine);
  let news = 0;
  memory.on("news", () => news++);
  expect(memory.present).toEqual({ gpu: null, cpu: null, auto: null });
  engine.emit("foundGpu", { name: "SwiftShader (CPU)", isFallback: true });
  engine.emit("state", { ...ready, status: "starting" });
  engine.emit("state", ready);
  engine.emit("state", ready);
  expect(news).toBe(2);
  // Somebody asks for the GPU: that says nothing about what would be taken by itself.
  engine.backend = "gpu";
  engine.emit("state", { ...ready, kind: "gpu", adapter: "SwiftShader (CPU)", because: "it was asked for" });
  const known = {
    gpu: { name: "SwiftShader (CPU)", isFallback: true },
    cpu: "CPU, 2 threads",
    auto: { kind: "cpu", adapter: "CPU, 2 threads", because: "there is no GPU" },
  };
  expect(memory.present).toEqual(known);
  expect(memoryOf(new Engine()).present).toEqual(known);
});
